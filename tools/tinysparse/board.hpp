// SPDX-License-Identifier: Apache-2.0
// The other side of an exported library's sketch SerialEval: finds out who answers on a serial line, and has it compute
// samples. The protocol stands at the top of the sketch.
#pragma once
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "serial_port.hpp"

namespace tinysparse::cli {

/// What a board says of its network.
struct BoardIdentity {
    std::uint64_t digest = 0;
    unsigned rows = 0, row_bytes = 0, classes = 0;
};

struct BoardAnswer {
    std::uint8_t label = 255;
    std::vector<std::int32_t> logits;
    std::uint32_t microseconds = 0; ///< Inside begin, push_row and finish, by the board's clock.
};

class Board {
  public:
    /// Opens the port and waits for the sketch, which introduces itself at start; opening restarts most boards.
    /// `patience`: for any one answer. Throws Error where nothing, or nothing sensible, comes.
    Board(const std::string& port, unsigned baud, std::chrono::milliseconds patience);

    const BoardIdentity& identity() const { return identity_; }

    /// Throws Error unless the board has this network.
    void check(const BoardIdentity& expected) const;

    /// Computes the sample, given as the bytes of its rows. Throws Error where bytes are lost or no answer comes.
    BoardAnswer answer(std::span<const std::uint8_t> sample);

  private:
    bool listen(std::chrono::milliseconds limit);
    std::uint8_t next(std::string_view awaited);
    std::uint32_t number(std::string_view awaited, int bytes, std::uint8_t& sum);

    SerialPort port_;
    std::chrono::milliseconds patience_;
    BoardIdentity identity_;
    std::size_t ignored_ = 0; ///< Bytes that were no introduction.
};

} // namespace tinysparse::cli
