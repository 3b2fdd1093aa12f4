// SPDX-License-Identifier: Apache-2.0
// A serial line: eight bits, no parity, one stop bit, raw, with a time limit on every read. POSIX termios.
#pragma once
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <system_error>
#include <termios.h>
#include <unistd.h>
#include <utility>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::cli {

class SerialPort {
  public:
    using Milliseconds = std::chrono::milliseconds;

    /// Throws Error if the port cannot be opened, is no serial line, or does not support this speed.
    SerialPort(const std::string& path, unsigned baud) : path_(path) {
        const speed_t speed = speed_of(baud);
        descriptor_ = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        if (descriptor_ < 0) {
            const int code = errno;
            throw Error(text(path, ": cannot open the port: ", std::generic_category().message(code),
                             code == EACCES   ? "; add yourself to the group that owns it, often dialout"
                             : code == ENOENT ? "; is the board plugged in?"
                                              : ""));
        }
        termios line{};
        if (::tcgetattr(descriptor_, &line) != 0) {
            ::close(descriptor_);
            throw Error(text(path, ": is not a serial port; give one such as /dev/ttyACM0"));
        }
        ::cfmakeraw(&line);
        line.c_cflag |= CLOCAL | CREAD;
        line.c_cflag &= ~tcflag_t(CSTOPB);
        ::cfsetispeed(&line, speed);
        ::cfsetospeed(&line, speed);
        if (::tcsetattr(descriptor_, TCSANOW, &line) != 0) {
            ::close(descriptor_);
            throw Error(text(path, ": cannot be set to ", baud, " baud"));
        }
    }
    SerialPort(const SerialPort&) = delete;
    SerialPort& operator=(const SerialPort&) = delete;
    ~SerialPort() { ::close(descriptor_); }

    /// The next byte, or nothing if none comes in time. Throws Error if the line is gone.
    std::optional<std::uint8_t> read(Milliseconds limit) {
        if (!wait(POLLIN, limit)) return std::nullopt;
        std::uint8_t byte = 0;
        const ssize_t got = ::read(descriptor_, &byte, 1);
        if (got == 1) return byte;
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
        throw Error(text(path_, ": the line is gone; was the board unplugged?"));
    }

    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            if (!wait(POLLOUT, Milliseconds(5000))) throw Error(text(path_, ": the line takes no bytes"));
            const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written < 0 && (errno == EAGAIN || errno == EINTR)) continue;
            if (written < 0) throw Error(text(path_, ": the line is gone; was the board unplugged?"));
            bytes.remove_prefix(std::size_t(written));
        }
    }

    const std::string& path() const { return path_; }

  private:
    static speed_t speed_of(unsigned baud) {
        constexpr std::pair<unsigned, speed_t> speeds[] = {
            {9600, B9600},     {19200, B19200},     {38400, B38400},
            {57600, B57600},   {115200, B115200},   {230400, B230400},
#ifdef B1000000
            {500000, B500000}, {1000000, B1000000},
#endif
        };
        std::vector<std::string> known;
        for (const auto& [number, speed] : speeds) {
            if (number == baud) return speed;
            known.push_back(text(number));
        }
        throw Error(text("a serial line has no speed of ", baud, " baud; use one of ", join(known, ", ")));
    }

    bool wait(short event, Milliseconds limit) const {
        pollfd state{descriptor_, event, 0};
        const int ready = ::poll(&state, 1, int(limit.count()));
        return ready > 0;
    }

    std::string path_;
    int descriptor_ = -1;
};

} // namespace tinysparse::cli
