// SPDX-License-Identifier: Apache-2.0
// tinysparse version: what this program is, and what it can use on this machine.
#include "commands.hpp"
#include "common.hpp"
#include "help.hpp"
#include "revision.hpp"
#include "simulate.hpp"
#include "tinysparse/search/build.hpp"

namespace tinysparse::cli {

namespace {

/// Whether the chip of a board can be simulated here, and how to change that if it cannot.
std::string simulation_words(std::string_view board) {
    const auto missing = simulator::missing(cost::target(board));
    return missing ? text("not here: ", *missing) : "simulated here";
}

constexpr std::string_view processor_words =
#if TINYSPARSE_NATIVE
    "; built for the processor of the machine that compiled it (-march=native)";
#else
    "; runs on every processor of this kind (TINYSPARSE_NATIVE is off)";
#endif

constexpr std::string_view mpi_words =
#ifdef TINYSPARSE_WITH_MPI
    "searches run on several processes or machines";
#else
    "left out; build with -DTINYSPARSE_WITH_MPI=ON to search on several machines";
#endif

} // namespace

std::string version_text() {
    const search::Build build = search::this_build(revision());
    return text("tinysparse ", build.version, "\n",
                detail::two_columns({{"revision", build.revision},
                                     {"compiler", text(build.compiler, ", C++20")},
                                     {"processor", text(build.instructions, processor_words)},
                                     {"pictures", "PNG and JPEG (stb_image), BMP, PNM"},
                                     {"AVR boards", simulation_words("uno")},
                                     {"Cortex-M", simulation_words("cortex-m0")},
                                     {"MPI", std::string(mpi_words)}}));
}

Command version_command() {
    return {"version",
            "Print version, revision, compiler and optional parts of this program.",
            {},
            {},
            "tinysparse version",
            [](const Arguments&) {
                print(version_text());
                return 0;
            }};
}

} // namespace tinysparse::cli
