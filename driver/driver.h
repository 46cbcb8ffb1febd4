/* The commands of kc: argv in, exit status out. One file each; commands.def lists them. */
#ifndef KC_DRIVER_DRIVER_H
#define KC_DRIVER_DRIVER_H

#include "driver/options.h"

#define COMMAND(name, function, usage, summary) int function(const Options *options);
#include "driver/commands.def"
#undef COMMAND

#endif
