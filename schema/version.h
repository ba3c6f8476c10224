/* version.h: the tool's version, as `socklife --version` prints it and meta.tool_version keeps it. */
#ifndef SCHEMA_VERSION_H
#define SCHEMA_VERSION_H

#define SOCKLIFE_VERSION "0.1.0"

#endif
