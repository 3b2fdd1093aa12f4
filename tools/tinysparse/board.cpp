// SPDX-License-Identifier: Apache-2.0
#include "board.hpp"

#include <algorithm>

#include "tinysparse/base/hexadecimal.hpp"

namespace tinysparse::cli {

namespace {
constexpr std::uint8_t enquiry = 0x05, acknowledge = 0x06, negative_acknowledge = 0x15;
constexpr std::string_view magic = "TSPE";
constexpr std::uint8_t protocol = 1;
using Clock = std::chrono::steady_clock;
} // namespace

Board::Board(const std::string& port, unsigned baud, std::chrono::milliseconds patience)
    : port_(port, baud), patience_(patience) {
    // A board that restarts runs its boot loader for up to two seconds, which bytes would disturb.
    if (listen(std::min(patience, std::chrono::milliseconds(2500)))) return;
    const Clock::time_point end = Clock::now() + patience;
    do {
        port_.write("?");
        if (listen(std::min(patience, std::chrono::milliseconds(1000)))) return;
    } while (Clock::now() < end);
    if (ignored_ > 0)
        throw Error(text(port, ": the board sent ", ignored_,
                         " bytes, but not the greeting of SerialEval; is that sketch on the board, and ", baud,
                         " its baud rate?"));
    throw Error(text(port, ": no answer; upload the exported library's example SerialEval to the board first"));
}

/// Reads until a greeting is complete. Other bytes before it are counted and ignored.
bool Board::listen(std::chrono::milliseconds limit) {
    const Clock::time_point end = Clock::now() + limit;
    std::string seen;
    constexpr std::size_t length = magic.size() + 1 + 8 + 2 + 2 + 1;
    while (Clock::now() < end) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
        const auto byte = port_.read(std::max(left, std::chrono::milliseconds(1)));
        if (!byte) continue;
        seen += char(*byte);
        while (!seen.empty() && !seen.starts_with(magic.substr(0, seen.size())) && !seen.starts_with(magic)) {
            seen.erase(0, 1);
            ++ignored_;
        }
        if (seen.size() < length) continue;
        std::size_t at = magic.size();
        const auto take = [&](int bytes) {
            std::uint64_t value = 0;
            for (int i = 0; i < bytes; ++i) value |= std::uint64_t(std::uint8_t(seen[at++])) << (8 * i);
            return value;
        };
        if (const std::uint64_t version = take(1); version != protocol)
            throw Error(text(port_.path(), ": the board's sketch speaks version ", version,
                             " of the protocol, this program ", int(protocol),
                             "; export the library again and upload its SerialEval"));
        identity_.digest = take(8);
        identity_.rows = unsigned(take(2));
        identity_.row_bytes = unsigned(take(2));
        identity_.classes = unsigned(take(1));
        return true;
    }
    return false;
}

void Board::check(const BoardIdentity& expected) const {
    if (identity_.digest == expected.digest && identity_.rows == expected.rows &&
        identity_.row_bytes == expected.row_bytes && identity_.classes == expected.classes)
        return;
    throw Error(text(port_.path(), ": the board runs another network, ", identity_.rows, " rows of ",
                     identity_.row_bytes, " bytes, digest ", hexadecimal(identity_.digest), ", the model has ",
                     expected.rows, " of ", expected.row_bytes, ", ", hexadecimal(expected.digest),
                     "; export this model and upload its SerialEval"));
}

std::uint8_t Board::next(std::string_view awaited) {
    const Clock::time_point end = Clock::now() + patience_;
    while (Clock::now() < end) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
        if (const auto byte = port_.read(std::max(left, std::chrono::milliseconds(1)))) return *byte;
    }
    throw Error(
        text(port_.path(), ": the board sent nothing while ", awaited, " was due; allow more time with --timeout"));
}

std::uint32_t Board::number(std::string_view awaited, int bytes, std::uint8_t& sum) {
    std::uint32_t value = 0;
    for (int i = 0; i < bytes; ++i) {
        const std::uint8_t byte = next(awaited);
        sum = std::uint8_t(sum + byte);
        value |= std::uint32_t(byte) << (8 * i);
    }
    return value;
}

BoardAnswer Board::answer(std::span<const std::uint8_t> sample) {
    const auto unexpected = [&](std::uint8_t byte, std::string_view due) {
        return Error(text(port_.path(), ": the board sent byte ", int(byte), " in place of ", due,
                          "; is another program using the port?"));
    };
    port_.write("P");
    for (std::size_t row = 0; row < identity_.rows; ++row) {
        if (const std::uint8_t byte = next("the request for a row"); byte == negative_acknowledge && row == 0)
            throw Error(text(port_.path(), ": the board refuses the sample before its first row; restart the board"));
        else if (byte == negative_acknowledge)
            throw Error(text(port_.path(), ": row ", row - 1,
                             " arrived damaged; use a lower baud rate in the sketch and --baud"));
        else if (byte != enquiry)
            throw unexpected(byte, "the request for a row");
        const auto values = sample.subspan(row * identity_.row_bytes, identity_.row_bytes);
        std::string bytes(values.begin(), values.end());
        std::uint8_t sum = 0;
        for (const std::uint8_t value : values) sum = std::uint8_t(sum + value);
        bytes += char(sum);
        port_.write(bytes);
    }
    if (const std::uint8_t byte = next("the answer"); byte == negative_acknowledge)
        throw Error(
            text(port_.path(), ": the last row arrived damaged; use a lower baud rate in the sketch and --baud"));
    else if (byte != acknowledge)
        throw unexpected(byte, "the answer");
    BoardAnswer answer;
    std::uint8_t sum = 0;
    answer.label = std::uint8_t(number("the class", 1, sum));
    for (unsigned i = 0; i < identity_.classes; ++i) answer.logits.push_back(std::int32_t(number("a logit", 4, sum)));
    answer.microseconds = number("the time", 4, sum);
    const std::uint8_t expected = sum;
    if (next("the checksum") != expected)
        throw Error(text(port_.path(), ": an answer arrived damaged; use a lower baud rate in the sketch and --baud"));
    if (answer.label >= identity_.classes)
        throw Error(text(port_.path(), ": the board answered class ", int(answer.label), " of ", identity_.classes,
                         "; export this model again and upload its SerialEval"));
    return answer;
}

} // namespace tinysparse::cli
