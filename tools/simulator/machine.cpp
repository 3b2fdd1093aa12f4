// SPDX-License-Identifier: Apache-2.0
#include "machine.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <string_view>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"

extern "C" {
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>
}

namespace tinysparse::simulator {

namespace {
constexpr std::uint8_t enquiry = 0x05, acknowledge = 0x06, paint = 0xC5;
constexpr avr_io_addr_t section_of_mega = 0x3E, section_of_tiny = 0x31; // GPIOR0 in the address space of data
constexpr std::uint16_t stack_pointer_low = 0x5D, stack_pointer_high = 0x5E;
constexpr std::uint64_t most_cycles_without_a_byte = 4'000'000'000;

void no_log(avr_t*, const int, const char*, va_list) {}
} // namespace

struct Machine::Chip {
    avr_t* avr = nullptr;
    elf_firmware_t firmware{};
    avr_irq_t* serial = nullptr;
    std::string board;   ///< Its name ...
    std::size_t ram = 0; ///< ... and what it has.
    std::size_t ram_start = 0, variables_end = 0;
    bool may_send = false;
    std::deque<std::uint8_t> to_send;   ///< The row under way.
    std::vector<std::uint8_t> received; ///< Since the acknowledgement.
    bool answering = false;
    std::span<const std::uint8_t> rows_left;
    std::size_t row_bytes = 0;
    std::uint64_t section_start = 0, cycles = 0, cycles_of_sample = 0, last_byte = 0;
    std::uint64_t row = 0, row_before = 0; ///< Cycles of the row under way, and of the one before it.
    std::uint64_t slowest_row = 0, slowest_row_of_sample = 0;
    std::uint64_t sections = 0; ///< Sections of this sample that are done.
    bool sample_done = false;
    bool row_wanted = false;
    std::size_t section_stack = 0;
    std::size_t lowest_pointer = ~std::size_t{0}, pointer = 0; ///< Stack pointers; the lowest that stayed for a while
                                                               ///< ...
    int steady = 0;                                            ///< ... as its two bytes are written one by one.
    avr_io_addr_t section_register = section_of_mega;
    std::size_t logits_bytes = 0;
    /// Kinds of calls of the routines that multiply.
    enum : std::uint8_t { no_product, value_product, wide_product, other_product };
    std::vector<std::uint8_t> routine;    ///< By word of program memory: what is there.
    std::uint32_t product_of_16_bits = 0; ///< Address of __mulhi3.
    std::uint8_t within = no_product;     ///< The call that runs now ...
    std::uint64_t entered = 0;            ///< ... the cycle at which it began ...
    bool negative = false;                ///< ... and whether its second factor is.
    ProductTimes products, products_of_sample;

    ~Chip() {
        if (avr != nullptr) avr_terminate(avr);
        std::free(avr);
        std::free(firmware.flash);
        std::free(firmware.eeprom);
    }

    void open_serial_line(char line, const std::string& name) {
        std::uint32_t flags = 0;
        avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS(line), &flags);
        flags &= ~std::uint32_t(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
        avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS(line), &flags);
        serial = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ(line), 0);
        if (serial == nullptr) throw Error(text("the simulated ", name, " has no serial line"));
        const auto on = [&](int irq, avr_irq_notify_t hook) { avr_irq_register_notify(serial + irq, hook, this); };
        on(UART_IRQ_OUTPUT,
           [](avr_irq_t*, std::uint32_t value, void* own) { static_cast<Chip*>(own)->take(std::uint8_t(value)); });
        on(UART_IRQ_OUT_XON, [](avr_irq_t*, std::uint32_t, void* own) {
            static_cast<Chip*>(own)->may_send = true;
            static_cast<Chip*>(own)->send_what_fits();
        });
        on(UART_IRQ_OUT_XOFF, [](avr_irq_t*, std::uint32_t, void* own) { static_cast<Chip*>(own)->may_send = false; });
    }

    void send_what_fits() {
        while (may_send && !to_send.empty()) {
            const std::uint8_t byte = to_send.front();
            to_send.pop_front();
            avr_raise_irq(serial + UART_IRQ_INPUT, byte);
        }
    }

    void take(std::uint8_t byte) {
        last_byte = avr->cycle;
        if (answering) {
            received.push_back(byte);
        } else if (byte == acknowledge) {
            answering = true;
        } else if (byte == enquiry) {
            row_wanted = true;
        }
    }

    /// Answers a request with the next row of the sample, if there is one.
    void serve() {
        if (!row_wanted || rows_left.empty()) return;
        row_wanted = false;
        const std::size_t count = std::min(row_bytes, rows_left.size());
        to_send.insert(to_send.end(), rows_left.begin(), rows_left.begin() + std::ptrdiff_t(count));
        rows_left = rows_left.subspan(count);
        send_what_fits();
    }

    /// Counts a section: begin(), which belongs to the first row, the first row, and so on.
    void end_section(std::uint64_t spent) {
        cycles += spent;
        if (sections++ < 2) {
            row += spent;
            return;
        }
        slowest_row = std::max(slowest_row, row);
        row_before = row;
        row = spent;
    }

    void section(std::uint8_t value) {
        avr->data[section_register] = value;
        if (value == 1) {
            section_start = avr->cycle;
            section_stack = std::size_t(avr->data[stack_pointer_low] | (avr->data[stack_pointer_high] << 8));
        } else if (value == 0) {
            end_section(avr->cycle - section_start);
        } else { // done with a sample; begin() of the next may follow before the next request
            cycles_of_sample = cycles;
            cycles = 0;
            products_of_sample = products;
            products = {};
            slowest_row_of_sample = std::max(slowest_row, row_before + row); // finish() belongs to the last row
            row = row_before = slowest_row = sections = 0;
            sample_done = true;
            if (serial == nullptr && !received.empty())
                received[0] = avr->data[section_register + 2]; // GPIOR2: the class
        }
    }

    /// Handles an address from a chip without a serial line: of the row that it wants, or of the logits.
    void memory(std::uint8_t high) {
        avr->data[section_register + 1] = high;
        const std::size_t address = std::size_t((high & 0x7F) << 8 | avr->data[section_register + 2]);
        const std::size_t count = high & 0x80 ? logits_bytes : std::min(row_bytes, rows_left.size());
        if (address + count > std::size_t(avr->ramend) + 1) return;
        std::uint8_t* const place = avr->data + address;
        last_byte = avr->cycle;
        if (high & 0x80) {
            received.assign(1, 255);
            received.insert(received.end(), place, place + count);
        } else {
            std::copy_n(rows_left.begin(), count, place);
            rows_left = rows_left.subspan(count);
        }
    }

    /// Runs after each instruction. Only the pointer shows that a program's stack runs into its variables.
    void watch_stack() {
        const std::size_t now = std::size_t(avr->data[stack_pointer_low] | (avr->data[stack_pointer_high] << 8));
        steady = now == pointer ? steady + 1 : 0;
        pointer = now;
        if (steady >= 3 && now > ram_start) lowest_pointer = std::min(lowest_pointer, now);
    }
    /// Marks the code of the compiler's routines that multiply, on a chip that cannot: their names begin with __mul or
    /// __umul, and contain si if they multiply 32 bits.
    void find_products() {
        std::vector<std::uint32_t> begins;
        for (std::uint32_t i = 0; i < firmware.symbolcount; ++i) begins.push_back(firmware.symbol[i]->addr);
        std::sort(begins.begin(), begins.end());
        routine.assign(std::size_t(avr->flashend) / 2 + 1, 0);
        for (std::uint32_t i = 0; i < firmware.symbolcount; ++i) {
            const std::string_view name = firmware.symbol[i]->symbol;
            if (!name.starts_with("__mul") && !name.starts_with("__umul")) continue;
            const std::uint32_t begin = firmware.symbol[i]->addr;
            const auto next = std::upper_bound(begins.begin(), begins.end(), begin);
            const std::size_t end = next == begins.end() ? std::size_t(avr->flashend) + 1 : *next;
            if (name == "__mulhi3") product_of_16_bits = begin;
            for (std::size_t at = begin / 2; at < end / 2 && at < routine.size(); ++at)
                routine[at] = name.find("si") != name.npos ? wide_product : other_product;
        }
    }
    /// The second factor, in r22 and r23.
    std::int16_t second_factor() const { return std::int16_t(avr->data[22] | (avr->data[23] << 8)); }
    /// The call that begins: a weight times a value, the second of which has 8 bits and decides the time; a product of
    /// 32 bits; or one whose factors are the same for all samples.
    std::uint8_t kind_of_product() const {
        if (avr->pc != product_of_16_bits) return routine[avr->pc / 2];
        return second_factor() == std::int8_t(second_factor()) ? value_product : other_product;
    }
    /// Runs after each instruction: counts calls of these routines and the cycles inside.
    void watch_products() {
        const bool inside = routine[std::min(std::size_t(avr->pc) / 2, routine.size() - 1)] != 0;
        if (inside == (within != 0)) return;
        if (inside) {
            within = kind_of_product();
            negative = second_factor() < 0;
            entered = avr->cycle;
            return;
        }
        if (avr->data[section_register] == 1 && within != other_product) {
            (within == value_product ? products.narrow : products.wide) += 1;
            if (within == value_product && negative) products.negative += 1;
            products.cycles += avr->cycle - entered;
        }
        within = 0;
    }

    /// Throws DoesNotFit if the stack is deeper than the board's memory allows, or has met the variables: its depth is
    /// then known from its pointer alone, except for what short calls push.
    void check_stack() const {
        const std::size_t touched = lowest_touched();
        const bool collided = touched == variables_end || lowest_pointer < variables_end;
        const std::size_t lowest = collided ? std::min(touched, lowest_pointer + 1) : touched;
        const std::size_t taken = variables_end - ram_start + std::size_t(avr->ramend) + 1 - lowest;
        if (collided || taken > ram)
            throw DoesNotFit(text("the program takes ", taken, collided ? " bytes or more" : " bytes",
                                  " of RAM with its stack, ", board, " has ", ram));
    }

    std::size_t lowest_touched() const {
        std::size_t address = variables_end;
        while (address <= avr->ramend && avr->data[address] == paint) ++address;
        return address;
    }
};

Machine::Machine(const std::string& elf, const cost::Target& target) : chip_(std::make_unique<Chip>()) {
    Chip& chip = *chip_;
    avr_global_logger_set(no_log);
    if (!std::ifstream(elf).good()) throw Error(text(elf, ": cannot read the program"));
    if (elf_read_firmware(elf.c_str(), &chip.firmware) != 0) throw Error(text(elf, ": is not a program for AVR"));
    const std::string name(target.chip);
    const bool tiny = target.serial_ports == 0;
    if (!tiny || name == "attiny25" || name == "attiny45" || name == "attiny85")
        chip.avr = avr_make_mcu_by_name(name.c_str());
    if (chip.avr == nullptr)
        throw Error(text("the chip ", name, name == target.name ? "" : text(" of ", target.name),
                         " cannot be simulated", tiny ? " without a serial line" : "", "; use uno or attiny85"));
    if (tiny) chip.section_register = section_of_tiny;
    if (!target.multiplies) chip.find_products();
    avr_init(chip.avr);
    chip.firmware.frequency = target.clock;
    const std::size_t flash = std::min(target.flash, std::size_t(chip.avr->flashend) + 1);
    if (chip.firmware.flashsize > flash)
        throw DoesNotFit(
            text("the program takes ", chip.firmware.flashsize, " bytes of flash, ", target.name, " has ", flash));
    avr_load_firmware(chip.avr, &chip.firmware);
    chip.ram_start = std::size_t(chip.avr->ioend) + 1;
    chip.variables_end = chip.ram_start + chip.firmware.datasize + chip.firmware.bsssize;
    chip.board = target.name;
    chip.ram = std::min(target.ram, std::size_t(chip.avr->ramend) + 1 - chip.ram_start);
    if (chip.variables_end - chip.ram_start >= chip.ram)
        throw DoesNotFit(text("the program's variables take ", chip.variables_end - chip.ram_start, " bytes, ",
                              chip.board, " has ", chip.ram));
    std::memset(chip.avr->data + chip.variables_end, paint, std::size_t(chip.avr->ramend) + 1 - chip.variables_end);

    avr_register_io_write(
        chip.avr, chip.section_register,
        [](avr_t*, avr_io_addr_t, std::uint8_t value, void* own) { static_cast<Chip*>(own)->section(value); }, &chip);
    if (tiny)
        avr_register_io_write(
            chip.avr, chip.section_register + 1,
            [](avr_t*, avr_io_addr_t, std::uint8_t value, void* own) { static_cast<Chip*>(own)->memory(value); },
            &chip);
    else
        chip.open_serial_line(name == "atmega32u4" ? '1' : '0', name);
}

Machine::~Machine() = default;

Answer Machine::run(std::span<const std::uint8_t> sample, std::size_t row_bytes, std::size_t classes) {
    Chip& chip = *chip_;
    chip.rows_left = sample;
    chip.row_bytes = row_bytes;
    chip.logits_bytes = 4 * classes;
    chip.answering = chip.sample_done = false;
    chip.received.clear();
    chip.last_byte = chip.avr->cycle;
    const std::size_t expected = 1 + 4 * classes;
    while (chip.received.size() < expected || !chip.sample_done) {
        chip.serve();
        const int state = avr_run(chip.avr);
        chip.watch_stack();
        if (!chip.routine.empty()) chip.watch_products();
        const bool crashed = state == cpu_Crashed || state == cpu_Done;
        const bool silent = chip.avr->cycle - chip.last_byte > most_cycles_without_a_byte;
        if (crashed || silent) chip.check_stack();
        if (crashed) throw Error("the program on the simulated chip crashed");
        if (silent)
            throw Error(text("the program on the simulated chip does not answer; ", most_cycles_without_a_byte,
                             " cycles went by in silence"));
    }
    chip.check_stack();
    Answer answer;
    answer.label = chip.received[0];
    for (std::size_t i = 0; i < classes; ++i) {
        std::uint32_t logit = 0;
        for (std::size_t byte = 0; byte < 4; ++byte)
            logit |= std::uint32_t(chip.received[1 + 4 * i + byte]) << (8 * byte);
        answer.logits.push_back(std::int32_t(logit));
    }
    answer.cycles = chip.cycles_of_sample;
    answer.products = chip.products_of_sample;
    answer.slowest_row = chip.slowest_row_of_sample;
    return answer;
}

std::size_t Machine::flash() const { return chip_->firmware.flashsize; }
std::size_t Machine::ram_peak() const {
    return chip_->variables_end - chip_->ram_start + std::size_t(chip_->avr->ramend) + 1 - chip_->lowest_touched();
}
std::size_t Machine::net_stack() const {
    return chip_->section_stack + 1 - std::min(chip_->section_stack + 1, chip_->lowest_touched());
}

} // namespace tinysparse::simulator
