/* version.h: the versions that the tool, its databases and its messages name. The spool's own is in spool.h. */
#ifndef SCHEMA_VERSION_H
#define SCHEMA_VERSION_H

#define SOCKLIFE_VERSION "0.1.0"           /* `socklife --version`, meta.tool_version */

#define SCHEMA_APPLICATION_ID 0x736c6665   /* PRAGMA application_id: 'slfe' */
#define SCHEMA_VERSION 4                   /* PRAGMA user_version: rises with any change of a table or a view: what reads a database counts on its columns */

#endif
