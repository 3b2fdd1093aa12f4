// SPDX-License-Identifier: Apache-2.0
// Stands in for the simulator where libsimavr is not installed.
#include "tinysparse/base/error.hpp"

#include "simulate.hpp"

namespace tinysparse::simulator {

namespace {
constexpr const char* library_missing = "this tinysparse was built without the simulator; install it with: apt install "
                                        "libsimavr-dev libelf-dev gcc-avr avr-libc, then configure and build again";
}

std::optional<std::string> missing() { return library_missing; }
std::string compile(const std::string&, const cost::Target&, const std::vector<std::string>&) {
    throw Error(library_missing);
}
Simulation simulate(const fixed::Model&, const data::Split&, std::size_t, const cost::Target&,
                    const std::vector<deploy::DeviceHeader>&, const std::vector<std::string>&,
                    const std::vector<fixed::Format>&) {
    throw Error(library_missing);
}

} // namespace tinysparse::simulator
