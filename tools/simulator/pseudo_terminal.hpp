// SPDX-License-Identifier: Apache-2.0
// A pseudo-terminal: a port for another program, and this end of its line. POSIX.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <string>
#include <termios.h>
#include <unistd.h>

#include "tinysparse/base/error.hpp"

namespace tinysparse::simulator {

class PseudoTerminal {
  public:
    PseudoTerminal() : own_(::posix_openpt(O_RDWR | O_NOCTTY)) {
        const char* name = nullptr;
        if (own_ < 0 || ::grantpt(own_) != 0 || ::unlockpt(own_) != 0 || (name = ::ptsname(own_)) == nullptr)
            throw Error("this machine gives no pseudo-terminal");
        port_ = name;
        // Held open and raw from the start: nothing is echoed, and the line outlives the programs that open and close
        // it.
        other_ = ::open(name, O_RDWR | O_NOCTTY);
        termios line{};
        if (other_ < 0 || ::tcgetattr(other_, &line) != 0)
            throw Error("this machine's pseudo-terminal cannot be opened");
        ::cfmakeraw(&line);
        ::tcsetattr(other_, TCSANOW, &line);
        ::fcntl(own_, F_SETFL, O_NONBLOCK);
    }
    PseudoTerminal(const PseudoTerminal&) = delete;
    PseudoTerminal& operator=(const PseudoTerminal&) = delete;
    ~PseudoTerminal() {
        if (other_ >= 0) ::close(other_);
        if (own_ >= 0) ::close(own_);
    }

    const std::string& port() const { return port_; }

    /// The next byte from the other side, if it arrives within this number of milliseconds.
    std::optional<std::uint8_t> read(int milliseconds = 0) {
        pollfd state{own_, POLLIN, 0};
        if (milliseconds > 0) ::poll(&state, 1, milliseconds);
        std::uint8_t byte = 0;
        return ::read(own_, &byte, 1) == 1 ? std::optional(byte) : std::nullopt;
    }
    /// False if the other side does not take it.
    bool write(std::uint8_t byte) { return ::write(own_, &byte, 1) == 1; }

  private:
    int own_ = -1, other_ = -1;
    std::string port_;
};

} // namespace tinysparse::simulator
