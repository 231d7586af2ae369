/* SPDX-License-Identifier: GPL-2.0-or-later */
/* On which link a link-local address is. */
#ifndef NETFILTER_NEIGHBOUR_H
#define NETFILTER_NEIGHBOUR_H

#include <netinet/in.h>

/* The index of the interface whose own address, or whose neighbour, a is; 0 if that is not
 * known. Asks the kernel; never waits for the network. */
unsigned neighbour_interface(const struct in6_addr *a);

#endif
