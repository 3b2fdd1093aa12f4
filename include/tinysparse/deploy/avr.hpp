// SPDX-License-Identifier: Apache-2.0
// Exports for AVR chips: a program that answers over the chip's serial line. If the chip has none, the program shows at
// a pin that it computes the header's sample correctly.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/deploy/platform.hpp"

namespace tinysparse::deploy {

namespace detail {

inline constexpr std::string_view serial_program =
    R"(// The network @NAME@ on its own: takes samples over the serial line and answers with logits. 8N1, at 1 Mbaud with a
// clock of 8 or 16 MHz; with others at F_CPU / 8, or above 16 MHz an even part of it (see main).
//
// For each piece of a sample the chip sends ENQ (0x05), and the other side sends the piece: input_piece values, those
// of 16 bits with the low byte first. A piece is a row, or some pixels of a camera. After the last piece the chip sends
// ACK (0x06), the class, and the logits as int32_t, low byte first. Then it asks for the next sample's first piece.
//
// GPIOR0 is 1 while the network computes, 2 after a sample is finished, else 0; a simulator uses it to count cycles.
// SPDX-License-Identifier: Apache-2.0
#include "@NAME@.h"
#include <avr/io.h>

static @NAME@::Net net;
static @NAME@::Raw piece[@NAME@::input_piece];

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
        for (uint16_t number = 0; number < @NAME@::input_pieces; ++number) {
            send(0x05);
            for (uint16_t i = 0; i < sizeof piece; ++i) reinterpret_cast<uint8_t*>(piece)[i] = receive();
            GPIOR0 = 1;
            net.push_piece(piece);
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
    R"(// The network @NAME@ on a chip without a serial line, under a simulator, which writes pieces of a sample (rows, or some
// pixels of a camera) to memory and reads the logits from there:
//   GPIOR2 = low byte, GPIOR1 = high byte of an address         the simulator writes the next piece there
//   GPIOR2 = low byte, GPIOR1 = 0x80 + high byte                the logits are there
//   GPIOR2 = class, GPIOR0 = 2                                  a sample is finished
// GPIOR0 is 1 while the network computes, else 0; a simulator uses it to count cycles.
// SPDX-License-Identifier: Apache-2.0
#include "@NAME@.h"
#include <avr/io.h>

static @NAME@::Net net;
static @NAME@::Raw piece[@NAME@::input_piece];

static void tell(const void* address, uint8_t what) {
    GPIOR2 = uint8_t(uint16_t(address));
    GPIOR1 = uint8_t(what | uint8_t(uint16_t(address) >> 8));
}

int main() {
    for (;;) {
        GPIOR0 = 1;
        net.begin();
        GPIOR0 = 0;
        for (uint16_t number = 0; number < @NAME@::input_pieces; ++number) {
            tell(piece, 0);
            __asm__ volatile("" ::: "memory"); // the piece has changed
            GPIOR0 = 1;
            net.push_piece(piece);
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
    R"(// The network @NAME@ on a chip without a serial line: runs the sample in the header and sets pin PB0 if all logits are
// those of the host.
// SPDX-License-Identifier: Apache-2.0
#include "@NAME@.h"
#include <avr/io.h>

static @NAME@::Net net;

int main() {
    DDRB |= 1 << 0;
    if (@NAME@::self_test(net)) PORTB |= 1 << 0;
    for (;;) {}
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

} // namespace detail

/// Whether the program beside the header runs the golden sample and shows at a pin that it is right: the chip has no
/// serial line. Without a golden sample only a simulator can read the answers.
inline bool shows_at_a_pin(const cost::Target& target, bool has_sample) {
    return target.serial_ports == 0 && has_sample;
}

/// main.cpp for a board: over the serial line if the chip has one.
inline std::string avr_program(std::string_view name, const cost::Target& target, bool has_sample) {
    if (target.serial_ports == 0)
        return detail::named(shows_at_a_pin(target, has_sample) ? detail::pin_program : detail::memory_program, name);
    std::string program = detail::named(detail::serial_program, name);
    if (target.chip != "atmega32u4") return program;
    for (const std::string_view part : {"UCSR", "UDR", "UBRR"}) // this chip's only serial line is number 1
        program = replaced(program, text(part, "0"), text(part, "1"));
    for (const std::string_view bit : {"UDRE", "RXC", "U2X", "RXEN", "TXEN"})
        program = replaced(program, text(bit, "0"), text(bit, "1"));
    return program;
}

/// Flags of avr-g++, as in the Makefile; flash and cycles refer to programs compiled with them.
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

/// A Makefile that compiles, measures and uploads the program of an AVR.
inline std::string avr_makefile(std::string_view name, const cost::Target& target) {
    std::string makefile = detail::named(detail::avr_makefile, name);
    makefile = replaced(makefile, "@CHIP@", target.chip);
    makefile = replaced(makefile, "@FLAGS@", join(avr_flags(target), " "));
    // Boot loaders use a serial line; that of the Mega cannot erase the chip, and those with USB must be woken first.
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

/// main.cpp and Makefile of an AVR.
inline std::vector<NamedFile> avr_files(std::string_view name, const cost::Target& target, bool has_sample) {
    return {{"main.cpp", avr_program(name, target, has_sample)}, {"Makefile", avr_makefile(name, target)}};
}

/// The program for a pin has the sample in flash and code that compares, but no piece of the input in RAM.
inline ProgramBytes avr_program_bytes(const fixed::Model& model, const cost::Target& target) {
    if (shows_at_a_pin(target, !model.golden.logits.empty())) return {golden_bytes(model.golden) + self_test_code, 0};
    return {0, pieces_of(model.network).bytes};
}

inline constexpr Platform avr_platform = {.architecture = cost::Architecture::avr,
                                          .programs = avr_files,
                                          .program_bytes = avr_program_bytes,
                                          // lpm reads the first 64 KB, and the interrupt table comes before constants.
                                          .reach = 65536 - 256,
                                          .compiler = {"avr-g++", "gcc-avr avr-libc"},
                                          .flags = avr_flags,
                                          .library_header = "avr/io.h",
                                          .library_packages = "avr-libc",
                                          .simulator = Simulator::simavr};

} // namespace tinysparse::deploy
