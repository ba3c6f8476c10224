/* timeline_internal.h: what timeline.c and timeline_connect.c share with each other and with nobody else. */
#ifndef VIEWER_TIMELINE_INTERNAL_H
#define VIEWER_TIMELINE_INTERNAL_H

#include "viewer/timeline.h"

/* When the last step of the window tells how a connect in progress ended, what lies between becomes part of that connect. */
void timeline_fold_connect(struct timeline *timeline);

#endif
