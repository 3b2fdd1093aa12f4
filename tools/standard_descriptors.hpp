// SPDX-License-Identifier: Apache-2.0
// Standard input, output and error, open from the first line of a program. POSIX.
#pragma once
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace tinysparse {

/// Opens the null device on each of the descriptors 0 to 2 that is closed. Otherwise the next file that is opened, a
/// model or a lock, would get that number, and what is written to standard output or error would go into it. First call
/// of every main(). Without a null device the program ends with status 1: it has nowhere to say why.
inline void open_standard_descriptors() {
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor)
        if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF && ::open("/dev/null", O_RDWR) != descriptor) ::_exit(1);
}

} // namespace tinysparse
