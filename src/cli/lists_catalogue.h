/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet lists check --catalogue: does the catalogue agree with itself and with the lists? */
#ifndef CLI_LISTS_CATALOGUE_H
#define CLI_LISTS_CATALOGUE_H

/* files: the catalogue, then lists. What is not given comes from the data that is installed.
 * Prints a line for everything that is wrong, and a summary; returns the exit status. */
int lists_check_catalogue(char *const *files, int count);

#endif
