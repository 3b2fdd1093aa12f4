// SPDX-License-Identifier: Apache-2.0
// The host's side of SerialEval, the sketch of an exported library: finds the board on a serial line and lets it
// compute samples. The protocol is described at the top of the sketch.
#pragma once
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "serial_port.hpp"

namespace tinysparse::cli {

/// The network of a board, as the board describes it.
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
    /// Opens the port, which restarts most boards, and waits for the greeting of the sketch. `patience`: longest time
    /// to wait for an answer. Throws Error if the greeting does not come.
    Board(const std::string& port, unsigned baud, std::chrono::milliseconds patience);

    const BoardIdentity& identity() const { return identity_; }

    /// Throws Error unless the board runs this network.
    void check(const BoardIdentity& expected) const;

    /// Lets the board compute a sample, given as the bytes of its rows. Throws Error if bytes are lost or no answer
    /// comes.
    BoardAnswer answer(std::span<const std::uint8_t> sample);

  private:
    bool listen(std::chrono::milliseconds limit);
    std::uint8_t next(std::string_view awaited);
    std::uint32_t number(std::string_view awaited, int bytes, std::uint8_t& sum);

    SerialPort port_;
    std::chrono::milliseconds patience_;
    BoardIdentity identity_;
    std::size_t ignored_ = 0; ///< Bytes that belong to no greeting.
};

} // namespace tinysparse::cli
