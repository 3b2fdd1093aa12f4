// SPDX-License-Identifier: Apache-2.0
// A board that answers anything: what comes over a serial line is never trusted, and never waited for without an end.
#include "board.hpp"
#include "has.hpp"
#include "pseudo_terminal.hpp"
#include "tinysparse/base/random.hpp"
#include <atomic>
#include <doctest/doctest.h>
#include <functional>
#include <thread>

using namespace tinysparse;
using namespace std::chrono_literals;
using cli::Board;
using simulator::PseudoTerminal;
using testing::has;

namespace {

/// The introduction of a board with 2 rows of 3 bytes and 4 classes.
std::string introduction(char protocol = 1) {
    std::string bytes = "TSPE";
    bytes += protocol;
    bytes += "\x88\x77\x66\x55\x44\x33\x22\x11";
    bytes.append("\x02\x00\x03\x00\x04", 5);
    return bytes;
}

/// An answer with that class and four logits of 0, whose checksum is right.
std::string answer_of(std::uint8_t label) {
    std::string bytes(1 + 16 + 4, '\0');
    bytes.front() = char(label);
    return "\x06" + bytes + char(label);
}

/// The other end of a line: waits for a byte from the host before each of the texts, then says it.
class Talker {
  public:
    Talker(PseudoTerminal& line, std::vector<std::string> texts)
        : thread_([this, &line, texts = std::move(texts)] {
              for (const std::string& text : texts) {
                  while (!over_ && !line.read(5)) {
                  }
                  while (line.read()) {
                  } // the rest of what the host says
                  for (const char letter : text)
                      while (!over_ && !line.write(std::uint8_t(letter))) std::this_thread::sleep_for(1ms);
              }
          }) {}
    ~Talker() {
        over_ = true;
        thread_.join();
    }

  private:
    std::atomic<bool> over_ = false;
    std::thread thread_;
};

/// What the tool says of a board that speaks like this: "" where it takes the answer.
std::string complaint(const std::vector<std::string>& texts) {
    PseudoTerminal line;
    const Talker talker(line, texts);
    try {
        Board board(line.port(), 115200, 100ms);
        const std::vector<std::uint8_t> sample(6);
        board.answer(sample);
        return "";
    } catch (const Error& error) {
        return error.what();
    }
}

} // namespace

TEST_CASE("a board that keeps to the protocol is understood, and anything else has its own sentence") {
    const std::string row = "\x05", refused = "\x15";
    const struct {
        std::vector<std::string> texts; // each after something came from the host
        std::string_view sentence;      // nothing: the answer is taken
    } cases[] = {
        {{introduction(), row, row, answer_of(3)}, ""},
        {{"boot loader\n" + introduction(), row, row, answer_of(0)}, ""},
        {{"TSPTSTSPE" + introduction().substr(4), row, row, answer_of(0)}, ""},
        {{}, "no answer; upload the exported library's example SerialEval"},
        {{std::string(64, 'x')}, "the board sent 64 bytes, but not the greeting of SerialEval"},
        {{introduction(7)}, "the board's sketch speaks version 7 of the protocol, this program 1"},
        {{introduction().substr(0, 9)}, "no answer"},
        {{introduction(), refused}, "refuses the sample before its first row"},
        {{introduction(), row, refused}, "row 0 arrived damaged"},
        {{introduction(), row, row, refused}, "the last row arrived damaged"},
        {{introduction(), "\x1b[2J"}, "the board sent byte 27 in place of the request for a row"},
        {{introduction(), row, row, "9999999999999999999"}, "the board sent byte 57 in place of the answer"},
        {{introduction(), row, row, answer_of(4)}, "the board answered class 4 of 4"},
        {{introduction(), row, row, answer_of(255)}, "the board answered class 255 of 4"},
        {{introduction(), row, row, answer_of(3).substr(0, 10)}, "the board sent nothing while a logit was due"},
        {{introduction(), row, row, answer_of(3).substr(0, 21)}, "the board sent nothing while the time was due"},
        {{introduction(), row, row, answer_of(3).substr(0, 22) + "!"}, "an answer arrived damaged"},
    };
    for (const auto& one : cases) {
        const std::string_view sentence = one.sentence;
        CAPTURE(sentence);
        const std::string said = complaint(one.texts);
        CAPTURE(said);
        CHECK((sentence.empty() ? said.empty() : has(said, sentence)));
    }
}

TEST_CASE("a board that says random bytes without an end is given up, whatever it says") {
    Random random(1, "noise");
    for (int round = 0; round < 20; ++round) {
        std::string noise = round % 2 ? introduction() : "";
        for (int i = 0; i < 3000; ++i) noise += char(random.below(256));
        CHECK(!complaint({noise}).empty());
    }
}
