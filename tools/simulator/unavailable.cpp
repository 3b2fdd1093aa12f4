// SPDX-License-Identifier: Apache-2.0
// Stands in for simavr.cpp if libsimavr is not installed.
#include "chips.hpp"
#include "tinysparse/base/error.hpp"

namespace tinysparse::simulator {

namespace {
std::optional<std::string> library_missing(const cost::Target&) {
    return "this tinysparse was built without the simulator; install it with: apt install libsimavr-dev libelf-dev "
           "gcc-avr avr-libc, then configure and build again";
}
} // namespace

const Chips simavr_chips = {library_missing, [](const Job& job, Simulation&) -> std::vector<Answer> {
                                throw Error(*library_missing(job.target));
                            }};

} // namespace tinysparse::simulator
