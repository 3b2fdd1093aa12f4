// SPDX-License-Identifier: Apache-2.0
// Exports for this machine, and for any other that has a C++11 compiler:
// a program with a Makefile and a CMakeLists.txt.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/deploy/platform.hpp"

namespace tinysparse::deploy {

namespace detail {

inline constexpr std::string_view host_program = R"(// The network @NAME@ on this machine.
//   ./@NAME@            runs the sample in the header: exit status 0 if all logits are right
//   ./@NAME@ -          reads raw samples from standard input, row after row, values of 16 bits in this machine's byte
//                  order, and prints for each its class and the class's name, or the predicted numbers, and then
//                  the logits
// SPDX-License-Identifier: Apache-2.0
#include "@NAME@.h"
#include <cstdio>
#include <cstring>

static @NAME@::Net net;

// Prints a class with its name, or the numbers: the network has either class_name() or value().
template <class Network> auto print_answer(const Network&, unsigned answer) -> decltype(void(Network::class_name(0))) {
    std::printf("%u %s", answer, Network::class_name(uint8_t(answer)));
}
template <class Network> auto print_answer(const Network& network, unsigned) -> decltype(void(network.value(0))) {
    for (unsigned i = 0; i < @NAME@::classes; ++i) std::printf(i ? " %.9g" : "%.9g", double(network.value(uint8_t(i))));
}

static int answer_all() {
    @NAME@::Raw row[@NAME@::input_width * @NAME@::input_channels];
    for (unsigned long sample = 0;; ++sample) {
        net.begin();
        for (unsigned y = 0; y < @NAME@::input_height; ++y) {
            const std::size_t got = std::fread(row, 1, sizeof row, stdin);
            if (got == 0 && y == 0) return 0;
            if (got != sizeof row) {
                std::fprintf(stderr, "sample %lu ends in row %u; a sample is %u rows of %u bytes\n", sample, y,
                             unsigned(@NAME@::input_height), unsigned(sizeof row));
                return 1;
            }
            net.push_row(row);
        }
        print_answer(net, net.finish());
        for (unsigned i = 0; i < @NAME@::classes; ++i) std::printf(" %ld", long(net.logits()[i]));
        std::printf("\n");
    }
}

int main(int count, char** words) {
    if (count == 2 && std::strcmp(words[1], "-") == 0) return answer_all();
    if (count != 1) {
        std::fprintf(stderr, "usage: %s [-]\n", words[0]);
        return 2;
    }
@SELF_TEST@
}
)";

inline constexpr std::string_view host_self_test = R"(    const bool right = @NAME@::self_test(net);
    std::printf("%s\n", right ? "self test passed" : "SELF TEST FAILED: the logits differ from the exporting machine's");
    return right ? 0 : 1;)";
inline constexpr std::string_view host_no_self_test =
    R"(    std::fprintf(stderr, "the header has no sample to run\n");
    return 1;)";

inline constexpr std::string_view host_makefile = R"(# make        builds ./@NAME@        make test   runs its self test
CXX ?= c++
CXXFLAGS ?= -O2 -Wall -Wextra
override CXXFLAGS += -std=c++11 -I.

@NAME@: main.cpp @NAME@.h $(wildcard tinysparse/*.hpp tinysparse/mcu/*.hpp)
	$(CXX) $(CXXFLAGS) main.cpp -o $@

test: @NAME@
	./@NAME@

clean:
	rm -f @NAME@

.PHONY: test clean
)";

inline constexpr std::string_view host_cmake = R"(# cmake -B build && cmake --build build && ctest --test-dir build
cmake_minimum_required(VERSION 3.14)
project(@NAME@ CXX)
add_library(@NAME@_network INTERFACE) # for your own programs: link it and include "@NAME@.h"
target_include_directories(@NAME@_network INTERFACE "${CMAKE_CURRENT_SOURCE_DIR}")
target_compile_features(@NAME@_network INTERFACE cxx_std_11)
add_executable(@NAME@ main.cpp)
target_link_libraries(@NAME@ PRIVATE @NAME@_network)
enable_testing()
add_test(NAME self_test COMMAND @NAME@)
)";

} // namespace detail

/// Flags of the compiler, as in the Makefile.
inline std::vector<std::string> host_flags(const cost::Target&) {
    return {"-O2", "-Wall", "-Wextra", "-std=c++11", "-I."};
}

/// main.cpp, CMakeLists.txt and Makefile of this computer.
inline std::vector<NamedFile> host_files(std::string_view name, const cost::Target&, bool has_sample) {
    const std::string program = replaced(std::string(detail::host_program), "@SELF_TEST@",
                                         has_sample ? detail::host_self_test : detail::host_no_self_test);
    return {{"main.cpp", detail::named(program, name)},
            {"CMakeLists.txt", detail::named(detail::host_cmake, name)},
            {"Makefile", detail::named(detail::host_makefile, name)}};
}

/// RAM that holds one piece of the input; no flash, which a computer does not have.
inline ProgramBytes host_program_bytes(const fixed::Model& model, const cost::Target&) {
    return {0, pieces_of(model.network).bytes};
}

inline constexpr Platform host_platform = {.architecture = cost::Architecture::host,
                                           .programs = host_files,
                                           .program_bytes = host_program_bytes,
                                           .compiler = {"c++", "g++"},
                                           .flags = host_flags,
                                           .library_header = "cstdint",
                                           .library_packages = "g++"};

} // namespace tinysparse::deploy
