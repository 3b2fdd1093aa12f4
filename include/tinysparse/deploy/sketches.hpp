// SPDX-License-Identifier: Apache-2.0
// The sketches of an exported Arduino library.
#pragma once
#include <string_view>

namespace tinysparse::deploy::detail {

inline constexpr std::string_view serial_eval_sketch =
    R"(// Answers `tinysparse device MODEL --data SPEC --port PORT` with the logits of the network @NAME@.
//
// Numbers have their low byte first. At start, and after each '?', the board identifies itself:
//   'T' 'S' 'P' 'E' 1, digest (8 bytes), pieces of a sample (2), bytes of a piece (2), classes (1)
// A piece is a row, or some pixels of a camera. 'P' begins a sample. For each piece the board sends ENQ (0x05) and
// takes the piece's bytes and their sum modulo 256; if the sum is wrong, or half a second passes in silence, it sends
// NAK (0x15) and waits for another command. After the last piece it sends ACK (0x06), then the class (1), the logits
// (4 each), the microseconds spent in begin, push_piece and finish (4), and the sum of all these modulo 256 (1).
// SPDX-License-Identifier: Apache-2.0
#include <Arduino.h>
#include <@NAME@.h>

static const uint32_t baud = 115200; // boards of 8 MHz: 57600, and --baud 57600 on the other side

static @NAME@::Net net;
static @NAME@::Raw piece[@NAME@::input_piece];
static uint8_t sum_sent;

static void send(uint32_t number, uint8_t bytes) {
    for (; bytes != 0; --bytes, number >>= 8) {
        Serial.write(uint8_t(number));
        sum_sent = uint8_t(sum_sent + uint8_t(number));
    }
}

static void introduce() {
    Serial.write("TSPE");
    send(1, 1);
    send(uint32_t(@NAME@::digest), 4);
    send(uint32_t(@NAME@::digest >> 32), 4);
    send(@NAME@::input_pieces, 2);
    send(sizeof piece, 2);
    send(@NAME@::classes, 1);
}

static bool receive_piece() {
    uint8_t sum = 0;
    for (uint16_t i = 0; i <= sizeof piece; ++i) {
        const uint32_t start = millis();
        while (Serial.available() == 0)
            if (millis() - start > 500) return false;
        const uint8_t byte = uint8_t(Serial.read());
        if (i == sizeof piece) return byte == sum;
        reinterpret_cast<uint8_t*>(piece)[i] = byte;
        sum = uint8_t(sum + byte);
    }
    return false;
}

static void answer_sample() {
    uint32_t start = micros();
    net.begin();
    uint32_t spent = micros() - start;
    for (uint16_t number = 0; number < @NAME@::input_pieces; ++number) {
        Serial.write(uint8_t(0x05));
        if (!receive_piece()) {
            Serial.write(uint8_t(0x15));
            return;
        }
        start = micros();
        net.push_piece(piece);
        spent += micros() - start;
    }
    start = micros();
    const uint8_t answer = net.finish();
    spent += micros() - start;
    Serial.write(uint8_t(0x06));
    sum_sent = 0;
    send(answer, 1);
    for (uint8_t i = 0; i < @NAME@::classes; ++i) send(uint32_t(net.logits()[i]), 4);
    send(spent, 4);
    Serial.write(sum_sent);
}

void setup() {
    Serial.begin(baud);
    while (!Serial) {} // boards with native USB wait here for the other side
    introduce();
}

void loop() {
    if (Serial.available() == 0) return;
    const uint8_t command = uint8_t(Serial.read());
    if (command == '?') introduce();
    if (command == 'P') answer_sample();
}
)";

inline constexpr std::string_view self_test_sketch =
    R"(// Runs the sample that the network @NAME@ contains, and prints whether all logits are those of the computer that
// exported it, and how long one answer takes@TIME@.
// SPDX-License-Identifier: Apache-2.0
#include <Arduino.h>
#include <@NAME@.h>

static @NAME@::Net net;

void setup() {
    Serial.begin(115200);
    while (!Serial) {}
}

void loop() {
    const uint32_t start = micros();
    const bool right = @NAME@::self_test(net);
    const uint32_t spent = micros() - start;
    Serial.print(right ? F("self test passed: ") : F("SELF TEST FAILED: "));
    Serial.print(@ANSWER@);
    Serial.print(F(", "));
    Serial.print(spent);
    Serial.print(F(" microseconds, "));
    Serial.print(spent * uint32_t(F_CPU / 1000000));
    Serial.println(F(" cycles"));
    delay(5000);
}
)";

inline constexpr std::string_view camera_sketch =
    R"(// Feeds pictures of a camera to the network @NAME@, piece by piece, and prints each answer.
// SPDX-License-Identifier: Apache-2.0
#include <Arduino.h>
#include <@NAME@.h>

static @NAME@::Net net;
static @NAME@::Raw piece[@NAME@::input_piece];

// The next pixels of the camera, row after row: put your code here. @NAME@.h describes a pixel. The last piece may be
// longer than what is left of the picture: read no further, its other values are ignored.
static void read_pixels(@NAME@::Raw* values, uint16_t count) {
    for (; count != 0; --count) *values++ = 0;
}

void setup() {
    Serial.begin(115200);
    while (!Serial) {}
}

void loop() {
    net.begin();
    for (uint16_t number = 0; number < @NAME@::input_pieces; ++number) {
        read_pixels(piece, @NAME@::input_piece);
        net.push_piece(piece);
    }
    Serial.println(@ANSWER@);
}
)";

inline constexpr std::string_view readings_sketch =
    R"(// Feeds readings to the network @NAME@, one moment after another, and prints each answer.
// SPDX-License-Identifier: Apache-2.0
#include <Arduino.h>
#include <@NAME@.h>

static const uint32_t period = @PERIOD@; // microseconds from one moment to the next@GUESS@

static @NAME@::Net net;

// The reading of a channel's sensor, in the unit of the data: put your code here. @NAME@.h lists the channels.
static float reading_of(uint16_t channel) { return float(analogRead(uint8_t(A0 + channel))); }

void setup() {
    Serial.begin(115200);
    while (!Serial) {}
}

void loop() {
    net.begin();
    uint32_t next = micros();
    for (uint16_t moment = 0; moment < @NAME@::input_height; ++moment) {
        int16_t row[@NAME@::input_channels];
        for (uint16_t channel = 0; channel < @NAME@::input_channels; ++channel)
            row[channel] = @NAME@::to_input(channel, reading_of(channel));
        net.push_row(row);
        next += period;
        while (int32_t(next - micros()) > 0) {}
    }
    Serial.println(@ANSWER@);
}
)";

} // namespace tinysparse::deploy::detail
