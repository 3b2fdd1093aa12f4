// SPDX-License-Identifier: Apache-2.0
#include "serial_chip.hpp"

#include <atomic>
#include <cstdarg>
#include <cstdlib>
#include <thread>

#include "pseudo_terminal.hpp"
#include "tinysparse/base/text.hpp"

extern "C" {
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>
}

namespace tinysparse::simulator {

struct SerialChip::Chip {
    PseudoTerminal terminal;
    avr_t* avr = nullptr;
    elf_firmware_t firmware{};
    avr_irq_t* serial = nullptr;
    bool may_send = false;
    std::atomic<bool> stop{false};
    std::thread thread;

    ~Chip() {
        stop = true;
        if (thread.joinable()) thread.join();
        if (avr != nullptr) avr_terminate(avr);
        std::free(avr);
        std::free(firmware.flash);
        std::free(firmware.eeprom);
    }

    void send_what_came() {
        while (may_send) {
            const auto byte = terminal.read();
            if (!byte) return;
            avr_raise_irq(serial + UART_IRQ_INPUT, *byte);
        }
    }

    void run() {
        constexpr unsigned steps_between_looks = 2000;
        for (unsigned step = 0; !stop; ++step) {
            if (step % steps_between_looks == 0) send_what_came();
            const int state = avr_run(avr);
            if (state == cpu_Crashed || state == cpu_Done) return; // the line falls silent, as a board's would
        }
    }
};

SerialChip::SerialChip(const std::string& elf, const cost::Target& target) : chip_(std::make_unique<Chip>()) {
    Chip& chip = *chip_;
    avr_global_logger_set([](avr_t*, const int, const char*, va_list) {});
    if (elf_read_firmware(elf.c_str(), &chip.firmware) != 0) throw Error(text(elf, ": is not a program for AVR"));
    chip.avr = avr_make_mcu_by_name(target.chip.c_str());
    if (chip.avr == nullptr) throw Error(text("the chip ", target.chip, " cannot be simulated"));
    avr_init(chip.avr);
    chip.firmware.frequency = target.clock;
    avr_load_firmware(chip.avr, &chip.firmware);
    std::uint32_t flags = 0;
    avr_ioctl(chip.avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
    flags &= ~std::uint32_t(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
    avr_ioctl(chip.avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    chip.serial = avr_io_getirq(chip.avr, AVR_IOCTL_UART_GETIRQ('0'), 0);
    if (chip.serial == nullptr) throw Error(text("the simulated ", target.chip, " has no serial line"));
    const auto on = [&](int irq, avr_irq_notify_t hook) { avr_irq_register_notify(chip.serial + irq, hook, &chip); };
    on(UART_IRQ_OUTPUT, [](avr_irq_t*, std::uint32_t value, void* own) {
        static_cast<Chip*>(own)->terminal.write(std::uint8_t(value));
    });
    on(UART_IRQ_OUT_XON, [](avr_irq_t*, std::uint32_t, void* own) {
        static_cast<Chip*>(own)->may_send = true;
        static_cast<Chip*>(own)->send_what_came();
    });
    on(UART_IRQ_OUT_XOFF, [](avr_irq_t*, std::uint32_t, void* own) { static_cast<Chip*>(own)->may_send = false; });
    chip.thread = std::thread([&chip] { chip.run(); });
}

SerialChip::~SerialChip() = default;
const std::string& SerialChip::port() const { return chip_->terminal.port(); }

} // namespace tinysparse::simulator
