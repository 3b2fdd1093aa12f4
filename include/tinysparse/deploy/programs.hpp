// SPDX-License-Identifier: Apache-2.0
// The programs and Makefiles that stand beside an exported header: one for a chip, which answers over its serial line,
// and one for this machine.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/text.hpp"
#include "tinysparse/cost/target.hpp"

namespace tinysparse::deploy {

namespace detail {

/// Every @NAME@ becomes the name.
inline std::string named(std::string_view pattern, std::string_view name) {
    return replaced(std::string(pattern), "@NAME@", name);
}

inline constexpr std::string_view serial_program =
    R"(// The network @NAME@ on its own: takes pictures over the serial line and answers with logits. 1 Mbaud at 16 MHz, 8N1.
//
// For each row the chip sends ENQ (0x05), the other side sends the row: input_width * input_channels values, uint8_t or
// int16_t with the low byte first. After the last row the chip sends ACK (0x06), the class, and the logits as int32_t,
// low byte first. Then it asks for the next picture's first row.
//
// GPIOR0 is 1 while the network computes, 2 once it is done with a picture, else 0: a simulator counts cycles by it.
#include "@NAME@.h"
#include <avr/io.h>

static @NAME@::Net net;
static @NAME@::Input::Raw row[@NAME@::input_width * @NAME@::input_channels];

static void send(uint8_t byte) {
    while (!(UCSR0A & (1 << UDRE0))) {}
    UDR0 = byte;
}

static uint8_t receive() {
    while (!(UCSR0A & (1 << RXC0))) {}
    return UDR0;
}

int main() {
    UCSR0A = 1 << U2X0;
    UBRR0 = F_CPU < 16000000 ? 0 : uint16_t(F_CPU / 8 / 1000000 - 1);
    UCSR0B = (1 << RXEN0) | (1 << TXEN0);
    for (;;) {
        GPIOR0 = 1;
        net.begin();
        GPIOR0 = 0;
        for (uint16_t y = 0; y < @NAME@::input_height; ++y) {
            send(0x05);
            for (uint16_t i = 0; i < sizeof row; ++i) reinterpret_cast<uint8_t*>(row)[i] = receive();
            GPIOR0 = 1;
            net.push_row(row);
            GPIOR0 = 0;
        }
        GPIOR0 = 1;
        const uint8_t answer = net.finish();
        GPIOR0 = 0;
        send(0x06);
        send(answer);
        for (uint8_t i = 0; i < @NAME@::classes; ++i)
            for (uint8_t shift = 0; shift < 32; shift = uint8_t(shift + 8)) send(uint8_t(uint32_t(net.logits()[i]) >> shift));
        GPIOR0 = 2;
    }
}
)";

inline constexpr std::string_view memory_program =
    R"(// The network @NAME@ on a chip without a serial line, under a simulator, which puts rows into memory and takes logits
// from there:
//   GPIOR2 = low byte, GPIOR1 = high byte of an address         the simulator writes the next row there
//   GPIOR2 = low byte, GPIOR1 = 0x80 + high byte                the logits lie there
//   GPIOR2 = class, GPIOR0 = 2                                  done with a sample
// GPIOR0 is 1 while the network computes, else 0: a simulator counts cycles by it.
#include "@NAME@.h"
#include <avr/io.h>

static @NAME@::Net net;
static @NAME@::Input::Raw row[@NAME@::input_width * @NAME@::input_channels];

static void tell(const void* address, uint8_t what) {
    GPIOR2 = uint8_t(uint16_t(address));
    GPIOR1 = uint8_t(what | uint8_t(uint16_t(address) >> 8));
}

int main() {
    for (;;) {
        GPIOR0 = 1;
        net.begin();
        GPIOR0 = 0;
        for (uint16_t y = 0; y < @NAME@::input_height; ++y) {
            tell(row, 0);
            __asm__ volatile("" ::: "memory"); // the row has changed
            GPIOR0 = 1;
            net.push_row(row);
            GPIOR0 = 0;
        }
        GPIOR0 = 1;
        const uint8_t answer = net.finish();
        GPIOR0 = 0;
        tell(net.logits(), 0x80);
        GPIOR2 = answer;
        GPIOR0 = 2;
    }
}
)";

inline constexpr std::string_view pin_program =
    R"(// The network @NAME@ on a chip without a serial line: computes the sample that the header carries and sets pin PB0 if all
// logits are those of the host.
#include "@NAME@.h"
#include <avr/io.h>

static @NAME@::Net net;

int main() {
    DDRB |= 1 << 0;
    if (@NAME@::self_test(net)) PORTB |= 1 << 0;
    for (;;) {}
}
)";

inline constexpr std::string_view host_program = R"(// The network @NAME@ on this machine.
//   ./@NAME@            runs the sample that the header carries: exit status 0 if all logits are as they should be
//   ./@NAME@ -          reads raw samples from standard input, row after row (uint8_t, or int16_t in this machine's byte
//                  order), and prints for each its class, the class's name and the logits
#include "@NAME@.h"
#include <cstdio>
#include <cstring>

static @NAME@::Net net;

static int answer_all() {
    @NAME@::Input::Raw row[@NAME@::input_width * @NAME@::input_channels];
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
        const unsigned answer = net.finish();
        std::printf("%u %s", answer, @NAME@::Net::class_name(uint8_t(answer)));
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
    const bool right = @NAME@::self_test(net);
    std::printf("%s\n", right ? "self test passed" : "SELF TEST FAILED: the logits differ from the exporting machine's");
    return right ? 0 : 1;
}
)";

inline constexpr std::string_view avr_makefile =
    R"(# make             builds @NAME@.elf and @NAME@.hex, and prints flash and RAM
# make upload      @UPLOADS@
CXX = avr-g++
CXXFLAGS = @FLAGS@
@LINE@
@NAME@.hex: @NAME@.elf
	avr-objcopy -O ihex -R .eeprom $< $@
	avr-size $<

@NAME@.elf: main.cpp @NAME@.h $(wildcard tinysparse/*.hpp tinysparse/mcu/*.hpp)
	$(CXX) $(CXXFLAGS) main.cpp -o $@

upload: @NAME@.hex
	avrdude -p @CHIP@ @UPLOAD@ -U flash:w:$<

clean:
	rm -f @NAME@.elf @NAME@.hex

.PHONY: upload clean
)";

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
add_library(@NAME@_network INTERFACE) # for programs of one's own: link it and include "@NAME@.h"
target_include_directories(@NAME@_network INTERFACE "${CMAKE_CURRENT_SOURCE_DIR}")
target_compile_features(@NAME@_network INTERFACE cxx_std_11)
add_executable(@NAME@ main.cpp)
target_link_libraries(@NAME@ PRIVATE @NAME@_network)
enable_testing()
add_test(NAME self_test COMMAND @NAME@)
)";

} // namespace detail

/// main.cpp for a board: over the serial line where the chip has one.
inline std::string avr_program(std::string_view name, const cost::Target& target) {
    if (target.serial_ports == 0) return detail::named(detail::pin_program, name);
    std::string program = detail::named(detail::serial_program, name);
    if (target.chip != "atmega32u4") return program;
    for (const std::string_view part : {"UCSR", "UDR", "UBRR"}) // this chip's only serial line is number 1
        program = replaced(program, text(part, "0"), text(part, "1"));
    for (const std::string_view bit : {"UDRE", "RXC", "U2X", "RXEN", "TXEN"})
        program = replaced(program, text(bit, "0"), text(bit, "1"));
    return program;
}

/// main.cpp for a simulated chip without a serial line.
inline std::string memory_program(std::string_view name) { return detail::named(detail::memory_program, name); }

/// What avr-g++ is called with, those of the Makefile; flash and cycles are of programs compiled so.
inline std::vector<std::string> avr_flags(const cost::Target& target) {
    return {text("-mmcu=", target.chip),
            text("-DF_CPU=", target.clock, "UL"),
            "-std=gnu++11",
            "-Os",
            "-flto",
            "-Wall",
            "-Wextra",
            "-pedantic",
            "-fno-exceptions",
            "-ffunction-sections",
            "-fdata-sections",
            "-Wl,--gc-sections",
            "-I."};
}

inline std::string avr_makefile(std::string_view name, const cost::Target& target) {
    std::string makefile = detail::named(detail::avr_makefile, name);
    makefile = replaced(makefile, "@CHIP@", target.chip);
    makefile = replaced(makefile, "@FLAGS@", join(avr_flags(target), " "));
    // Boot loaders are on a serial line, that of the Mega cannot erase the chip, those of USB want to be woken.
    const bool loader = target.arduino_core;
    std::string uploads = loader ? "writes it to a board with the Arduino boot loader: make upload PORT=/dev/ttyACM0"
                                 : text("writes it with the programmer ", target.programmer);
    if (target.programmer == "avr109") uploads += "\n#                  (press the board's reset button just before)";
    makefile = replaced(makefile, "@UPLOADS@", uploads);
    makefile = replaced(makefile, "@LINE@", loader ? "PORT ?= /dev/ttyACM0\n" : "");
    return replaced(makefile, "@UPLOAD@",
                    text("-c ", target.programmer, loader ? " -P $(PORT)" : "",
                         target.upload_baud > 0 ? text(" -b ", target.upload_baud) : "",
                         target.programmer == "wiring" ? " -D" : ""));
}

inline std::string host_program(std::string_view name) { return detail::named(detail::host_program, name); }
inline std::string host_cmake(std::string_view name) { return detail::named(detail::host_cmake, name); }
inline std::string host_makefile(std::string_view name) { return detail::named(detail::host_makefile, name); }

} // namespace tinysparse::deploy
