// SPDX-License-Identifier: Apache-2.0
// Exports for a Cortex-M: start-up code, linker script, Makefile, and a main program that works through files of the
// machine that simulates or debugs it (Arm's semihosting).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/deploy/platform.hpp"

namespace tinysparse::deploy {

namespace detail {

inline constexpr std::string_view arm_program =
    R"(// The network @NAME@ on a Cortex-M, simulated or under a debugger: it reads and writes files over semihosting.
//
// If samples.bin exists, it holds raw samples one after the other, each as input_pieces pieces of input_piece values.
// A piece is a row, or some pixels of a camera; values of 16 bits have the low byte first. The program then writes
// answers.bin: for each sample its class (1 byte), the logits (4 each) and the SysTick ticks inside begin, push_row and
// finish (4); at the end the bytes of RAM that the program used, and those that the network used, each with the deepest
// stack (4 and 4). Numbers have their low byte first. If samples.bin does not exist, the program runs the sample in the
// header: exit status 0 if all logits are right.
// SPDX-License-Identifier: Apache-2.0
#include "@NAME@.h"

static @NAME@::Net net;
static @NAME@::Raw piece[@NAME@::input_piece];

extern "C" uint32_t data_start, bss_end, stack_top;

static int32_t host(uint32_t operation, const void* block) {
    register uint32_t result __asm__("r0") = operation;
    register const void* argument __asm__("r1") = block;
    __asm__ volatile("bkpt 0xab" : "+r"(result) : "r"(argument) : "memory");
    return int32_t(result);
}
static uint32_t word(const void* pointer) { return uint32_t(reinterpret_cast<uintptr_t>(pointer)); }

static int32_t open(const char* name, uint32_t mode, uint32_t length) {
    const uint32_t block[3] = {word(name), mode, length};
    return host(0x01, block);
}
static bool read(int32_t file, void* bytes, uint32_t count) {
    const uint32_t block[3] = {uint32_t(file), word(bytes), count};
    return host(0x06, block) == 0;
}
static void write(int32_t file, uint32_t number, uint32_t count) {
    const uint32_t block[3] = {uint32_t(file), word(&number), count};
    host(0x05, block);
}
static void leave(bool well) {
    host(0x18, reinterpret_cast<const void*>(uintptr_t(well ? 0x20026 : 0x20024)));
    for (;;) {}
}

// SysTick counts down, 24 bits, with the processor's clock.
static volatile uint32_t* const systick = reinterpret_cast<volatile uint32_t*>(uintptr_t(0xE000E010));
static uint32_t ticks_since(uint32_t start) { return (start - systick[2]) & 0xFFFFFF; }

/// Memory between variables and stack is painted; memory that is still painted at the end was never used.
static const uint32_t paint = 0xC5C5C5C5;
static uint32_t deepest;

static __attribute__((noinline)) void answer_all(int32_t samples) {
    const int32_t answers = open("answers.bin", 5, 11);
    if (answers < 0) leave(false);
    for (;;) {
        uint32_t start = systick[2];
        net.begin();
        uint32_t spent = ticks_since(start);
        for (uint32_t number = 0; number < @NAME@::input_pieces; ++number) {
            if (!read(samples, piece, sizeof piece)) {
                const uint32_t* lowest = &bss_end;
                while (*lowest == paint) ++lowest;
                const uint32_t stack = word(&stack_top) - word(lowest);
                write(answers, word(&bss_end) - word(&data_start) + stack, 4);
                write(answers, sizeof net + stack - (word(&stack_top) - deepest), 4);
                leave(number == 0);
            }
            start = systick[2];
            net.push_piece(piece);
            spent += ticks_since(start);
        }
        start = systick[2];
        const uint8_t answer = net.finish();
        spent += ticks_since(start);
        write(answers, answer, 1);
        for (uint32_t i = 0; i < @NAME@::classes; ++i) write(answers, uint32_t(net.logits()[i]), 4);
        write(answers, spent, 4);
    }
}

/// Called by startup.cpp after it has set up memory for C++.
extern "C" void run() {
    uint32_t mark = paint;
    deepest = word(&mark);
    for (volatile uint32_t* at = &bss_end; word(const_cast<uint32_t*>(at)) < deepest - 256; ++at) *at = paint;
    systick[1] = 0xFFFFFF;
    systick[2] = 0;
    systick[0] = 5;
    const int32_t samples = open("samples.bin", 1, 11);
    if (samples >= 0) answer_all(samples);
@SELF_TEST@
}
)";

inline constexpr std::string_view arm_self_test = R"(    const bool right = @NAME@::self_test(net);
    host(0x04, right ? "self test passed\n" : "SELF TEST FAILED: the logits differ from the exporting machine's\n");
    leave(right);)";
inline constexpr std::string_view arm_no_self_test = R"(    host(0x04, "samples.bin does not exist\n");
    leave(false);)";

inline constexpr std::string_view arm_startup = R"(// What runs before run() of main.cpp on a Cortex-M.
// SPDX-License-Identifier: Apache-2.0
#include <stdint.h>

extern "C" {
extern uint32_t data_load, data_start, data_end, bss_start, bss_end, stack_top;
void run();

void reset() {
    const uint32_t* from = &data_load;
    for (volatile uint32_t* to = &data_start; to != &data_end;) *to++ = *from++;
    for (volatile uint32_t* to = &bss_start; to != &bss_end;) *to++ = 0;
    run();
    for (;;) {}
}
void fault() {
    for (;;) {}
}
}

typedef void (*Vector)();
extern const Vector vectors[16];
__attribute__((section(".vectors"), used)) const Vector vectors[16] = {
    reinterpret_cast<Vector>(&stack_top), reset, fault, fault, fault, fault, fault, fault,
    fault, fault, fault, fault, fault, fault, fault, fault};
)";

inline constexpr std::string_view arm_linker_script =
    R"(/* Program memory at 0, RAM at 0x20000000, the stack at its end. */
ENTRY(reset)
MEMORY {
    FLASH (rx) : ORIGIN = 0, LENGTH = @FLASH@
    RAM (rwx) : ORIGIN = 0x20000000, LENGTH = @RAM@
}
SECTIONS {
    .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) . = ALIGN(4); } > FLASH
    .ARM.exidx : { *(.ARM.exidx*) } > FLASH
    .data : ALIGN(4) { data_start = .; *(.data*) . = ALIGN(4); data_end = .; } > RAM AT > FLASH
    data_load = LOADADDR(.data);
    .bss : ALIGN(4) { bss_start = .; *(.bss*) *(COMMON) . = ALIGN(4); bss_end = .; } > RAM
    stack_top = ORIGIN(RAM) + LENGTH(RAM);
}
)";

// On a machine that lacks the chip's memory the program never ends.
inline constexpr std::string_view arm_makefile = R"(# make        builds @NAME@.elf and prints its size
# make test   runs its self test in the simulator
CXX = arm-none-eabi-g++
CXXFLAGS = @FLAGS@

@NAME@.elf: main.cpp startup.cpp chip.ld @NAME@.h $(wildcard tinysparse/*.hpp tinysparse/mcu/*.hpp)
	$(CXX) $(CXXFLAGS) main.cpp startup.cpp -o $@
	arm-none-eabi-size $@

test: @NAME@.elf
	timeout -k 5 60 qemu-system-arm @QEMU@ -kernel $< || { status=$$?; [ $$status != 124 ] || \
	  echo "no answer within 60 seconds; the machine @MACHINE@ must have the memory that chip.ld says" >&2; exit $$status; }

clean:
	rm -f @NAME@.elf

.PHONY: test clean
)";

} // namespace detail

/// Flags of arm-none-eabi-g++, run within the folder. gcc 12 warns about the paths that a kernel without rows would
/// take, so that warning is off.
inline std::vector<std::string> arm_flags(const cost::Target& target) {
    return {text("-mcpu=", target.chip),
            "-mthumb",
            "-std=gnu++11",
            "-O2",
            "-Wall",
            "-Wextra",
            "-pedantic",
            "-Wno-array-bounds",
            "-fno-exceptions",
            "-fno-rtti",
            "-ffunction-sections",
            "-fdata-sections",
            "-Wl,--gc-sections",
            "-nostartfiles",
            "--specs=nano.specs",
            "-Tchip.ld",
            "-I."};
}

/// Flags of qemu-system-arm. Every instruction takes 2^6 ns of simulated time, so SysTick counts instructions.
inline constexpr int qemu_shift = 6;
/// Flags that start the board's machine without a window, with files over semihosting and a counted clock.
inline std::vector<std::string> qemu_flags(const cost::Target& target) {
    return {"-M",
            target.machine,
            "-nographic",
            "-monitor",
            "none",
            "-serial",
            "none",
            "-semihosting-config",
            "enable=on,target=native",
            "-icount",
            text("shift=", qemu_shift)};
}

/// The main program, linker script, start code and Makefile of a Cortex-M.
inline std::vector<NamedFile> arm_files(std::string_view name, const cost::Target& target, bool has_sample) {
    const auto filled = [&](std::string_view pattern) {
        std::string out(pattern);
        out = replaced(out, "@SELF_TEST@", has_sample ? detail::arm_self_test : detail::arm_no_self_test);
        out = replaced(out, "@FLASH@", text(target.flash));
        out = replaced(out, "@RAM@", text(target.ram));
        out = replaced(out, "@FLAGS@", join(arm_flags(target), " "));
        out = replaced(out, "@QEMU@", join(qemu_flags(target), " "));
        out = replaced(out, "@MACHINE@", target.machine);
        return detail::named(out, name);
    };
    return {{"main.cpp", filled(detail::arm_program)},
            {"startup.cpp", filled(detail::arm_startup)},
            {"chip.ld", filled(detail::arm_linker_script)},
            {"Makefile", filled(detail::arm_makefile)}};
}

/// RAM that holds one piece of the input; no flash beyond what cost::costs counts.
inline ProgramBytes arm_program_bytes(const fixed::Model& model, const cost::Target&) {
    return {0, pieces_of(model.network).bytes};
}

/// SysTick counts with the processor's clock, in qemu's simulated time.
inline double arm_instructions(double ticks, const cost::Target& target) {
    return ticks / target.clock * 1e9 / (1 << qemu_shift);
}

inline constexpr Platform arm_platform = {.architecture = cost::Architecture::arm,
                                          .programs = arm_files,
                                          .program_bytes = arm_program_bytes,
                                          .compiler = {"arm-none-eabi-g++", "gcc-arm-none-eabi"},
                                          .flags = arm_flags,
                                          .library_header = "cstdint",
                                          .library_packages = "libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib",
                                          .simulator = Simulator::emulator,
                                          .emulator = {"qemu-system-arm", "qemu-system-arm"},
                                          .emulator_flags = qemu_flags,
                                          .instructions = arm_instructions};

} // namespace tinysparse::deploy
