// SPDX-License-Identifier: Apache-2.0
// An exported Arduino library through a stock Arduino build, run on the simulated chip, and driven over its serial line
// as a board's would be.
#include "tinysparse/deploy/arduino.hpp"
#include "board.hpp"
#include "host_answers.hpp"
#include "process.hpp"
#include "pseudo_terminal.hpp"
#include "sample_bytes.hpp"
#include "simulate.hpp"
#include "small_model.hpp"
#include "tinysparse/net/notation.hpp"
#include <algorithm>
#include <doctest/doctest.h>
#include <thread>
#if TINYSPARSE_HAS_SIMULATOR
#include "serial_chip.hpp"
#endif

using namespace tinysparse;
using namespace std::chrono_literals;

namespace {

const std::string core = "/usr/share/arduino/hardware/arduino/avr";

fixed::Model small_model(const char* notation, std::uint64_t seed) {
    Random random(14, notation, seed);
    return small::model(plain::random_network(net::parse(notation, {1, 12, 10}, 4), random), random);
}

/// Debian's Arduino core once for all tests, then sketches with it: what the IDE calls, by platform.txt.
class StockBuild {
  public:
    StockBuild() {
        std::vector<std::string> objects;
        for (const auto& entry : std::filesystem::directory_iterator(core + "/cores/arduino")) {
            const std::string kind = entry.path().extension().string();
            if (kind != ".c" && kind != ".cpp") continue;
            objects.push_back(folder_.path() + "/" + entry.path().filename().string() + ".o");
            compile(entry.path().string(), objects.back(), kind == ".c", {});
        }
        std::vector<std::string> words = {"avr-gcc-ar", "rcs", archive()};
        words.insert(words.end(), objects.begin(), objects.end());
        REQUIRE(simulator::run(words, folder_.path() + "/log") == 0);
    }

    /// libraries: folders with src/.
    void sketch(const std::string& ino, const std::vector<std::string>& libraries, const std::string& elf) const {
        const std::string object = elf + ".o";
        compile(ino, object, false, libraries);
        const int status =
            simulator::run({"avr-gcc", "-w", "-Os", "-g", "-flto", "-fuse-linker-plugin", "-Wl,--gc-sections",
                            "-mmcu=atmega328p", "-o", elf, object, archive(), "-lm"},
                           folder_.path() + "/log");
        const std::string log = read_file(folder_.path() + "/log");
        CAPTURE(log);
        REQUIRE(status == 0);
    }

  private:
    std::string archive() const { return folder_.path() + "/core.a"; }

    void compile(const std::string& source, const std::string& object, bool plain_c,
                 const std::vector<std::string>& libraries) const {
        std::vector<std::string> words = {plain_c ? "avr-gcc" : "avr-g++",
                                          "-c",
                                          "-g",
                                          "-Os",
                                          plain_c ? "-std=gnu11" : "-std=gnu++11",
                                          "-ffunction-sections",
                                          "-fdata-sections",
                                          "-flto",
                                          "-mmcu=atmega328p",
                                          "-DF_CPU=16000000L",
                                          "-DARDUINO=10819",
                                          "-DARDUINO_AVR_UNO",
                                          "-DARDUINO_ARCH_AVR",
                                          "-DDECIMAL_DIG=__DECIMAL_DIG__", // this core needs it with avr-gcc 5.4
                                          "-I" + core + "/cores/arduino",
                                          "-I" + core + "/variants/standard"};
        if (!plain_c) words.insert(words.end(), {"-fpermissive", "-fno-exceptions", "-fno-threadsafe-statics"});
        if (!libraries.empty())
            words.insert(words.end(), {"-Wall", "-Wextra"}); // only of what is ours
        else
            words.push_back("-w");
        for (const std::string& library : libraries) words.push_back("-I" + library + "/src");
        for (const std::string& word :
             {std::string("-x"), std::string(plain_c ? "c" : "c++"), source, std::string("-o"), object})
            words.push_back(word);
        const int status = simulator::run(words, folder_.path() + "/log");
        const std::string log = read_file(folder_.path() + "/log");
        CAPTURE(source);
        CAPTURE(log);
        REQUIRE(status == 0);
        if (!libraries.empty()) CHECK(log.find(libraries[0]) == log.npos); // no warning from a library
    }

    ScratchFolder folder_;
};

/// Bare roots have no /dev/pts.
std::optional<std::string> missing_terminal() {
    try {
        simulator::PseudoTerminal();
        return std::nullopt;
    } catch (const Error& reason) {
        return reason.what();
    }
}

std::optional<std::string> missing_stock() {
    if (const auto reason = simulator::missing(cost::target("uno"))) return reason;
    if (const auto reason = missing_terminal()) return reason;
    if (std::filesystem::exists(core + "/platform.txt")) return std::nullopt;
    return "Debian's Arduino core is not here; install it with: apt install arduino-core-avr";
}

cli::BoardIdentity identity_of(const fixed::Model& model) {
    const net::Shape& in = model.network.spec.input;
    return {fixed::network_digest(model.network), unsigned(in.height),
            unsigned(in.width * in.channels) * (model.network.input.series ? 2u : 1u),
            unsigned(net::shapes(model.network.spec).classes)};
}

/// A board of the test's own: answers each byte that comes with what `reply` says.
class FakeBoard {
  public:
    template <class Reply> FakeBoard(const std::string& at_start, Reply reply) {
        for (const char byte : at_start) terminal_.write(std::uint8_t(byte));
        thread_ = std::thread([this, reply]() mutable {
            while (!stop_)
                if (const auto byte = terminal_.read(20))
                    for (const char out : reply(char(*byte))) terminal_.write(std::uint8_t(out));
        });
    }
    ~FakeBoard() {
        stop_ = true;
        thread_.join();
    }
    const std::string& port() const { return terminal_.port(); }

  private:
    simulator::PseudoTerminal terminal_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

std::string introduction(const cli::BoardIdentity& own, char version = 1) {
    std::string bytes = "TSPE";
    bytes += version;
    for (int shift = 0; shift < 64; shift += 8) bytes += char(own.digest >> shift);
    for (const unsigned number : {own.rows, own.row_bytes}) bytes += {char(number), char(number >> 8)};
    return bytes += char(own.classes);
}

} // namespace

#if TINYSPARSE_HAS_SIMULATOR
TEST_CASE("a stock Arduino build of an exported library answers over its serial line with the host's logits") {
    if (const auto reason = missing_stock()) {
        MESSAGE("skipped: " << *reason);
        return;
    }
    const StockBuild build;
    const ScratchFolder folder;
    const fixed::Model first = small_model("C4k3 A2 D3L C6k1 F3", 0), second = small_model("D3 C2k1b2 M2 F4", 1);
    deploy::write_arduino(first, folder.path(), {.name = "first"});
    const fixed::Lowered second_lowered(second.network);
    deploy::write_arduino(second, fixed::encode(second_lowered, cost::formats(second_lowered)), folder.path(),
                          {.name = "second", .license = "MIT", .single_header = true});
    CHECK_FALSE(std::filesystem::exists(folder.path() + "/second/src/tinysparse"));
    const std::vector<std::string> libraries = {folder.path() + "/first", folder.path() + "/second"};

    build.sketch(libraries[0] + "/examples/SerialEval/SerialEval.ino", libraries, folder.path() + "/eval.elf");
    const simulator::SerialChip chip(folder.path() + "/eval.elf", cost::target("uno"));
    cli::Board board(chip.port(), 115200, 20s);
    board.check(identity_of(first));
    CHECK_THROWS_WITH_AS(board.check(identity_of(second)),
                         doctest::Contains("the board runs another network, 12 rows of 10"), Error);
    Random random(15, "samples", 0);
    const data::Split split = small::random_samples(first.network, random, 5);
    const fixed::Lowered lowered(first.network);
    simulator::HostAnswers host(fixed::encode(lowered), split);
    for (std::size_t i = 0; i < split.samples; ++i) {
        const cli::BoardAnswer answer = board.answer(simulator::sample_bytes(first.network, split, i));
        const auto logits = host.logits(i);
        CHECK(std::equal(logits.begin(), logits.end(), answer.logits.begin(), answer.logits.end()));
        CHECK(answer.label == host.predicted());
        CHECK(answer.microseconds > 0);
    }

    // Both libraries in one sketch, each self test by itself; '+' says that all went well.
    write_file(folder.path() + "/both.ino",
               "#include <Arduino.h>\n#include <first.h>\n#include <second.h>\n"
               "static first::Net a;\nstatic second::Net b;\n"
               "void setup() { Serial.begin(115200); Serial.write(first::self_test(a) && second::self_test(b) ? '+' : "
               "'-'); }\nvoid loop() {}\n");
    build.sketch(folder.path() + "/both.ino", libraries, folder.path() + "/both.elf");
    const simulator::SerialChip both(folder.path() + "/both.elf", cost::target("uno"));
    CHECK(cli::SerialPort(both.port(), 115200).read(20s) == std::uint8_t('+'));

    build.sketch(libraries[1] + "/examples/SelfTest/SelfTest.ino", {libraries[1]}, folder.path() + "/self.elf");
    const simulator::SerialChip self(folder.path() + "/self.elf", cost::target("uno"));
    cli::SerialPort line(self.port(), 115200);
    std::string words;
    while (words.size() < 400 && !words.ends_with('\n')) {
        const auto byte = line.read(20s);
        REQUIRE(byte.has_value());
        words += char(*byte);
    }
    CHECK(words.starts_with("self test passed: "));
    CHECK(words.ends_with(" cycles\r\n"));

    fixed::Model pictures = small_model("C4k3 A2 D3L C6k1 F3", 0);
    const net::Shape& in = pictures.network.spec.input;
    pictures.network.input.camera = Camera{Pixels::rgb565, 2 * in.height, 3 * in.width, 2, 3};
    deploy::write_arduino(pictures, folder.path(), {.name = "fourth"});
    build.sketch(folder.path() + "/fourth/examples/Camera/Camera.ino", {folder.path() + "/fourth"},
                 folder.path() + "/camera.elf");

    Random series_random(16, "series", 0);
    fixed::Model series =
        small::model(plain::random_network(net::parse("C2k3 G F3", {2, 6, 1}, 8), series_random, true), series_random);
    series.channels = {{"ax", 0, 64}, {"lamp", 0.5f, 1}};
    series.sampling_rate = 400;
    deploy::write_arduino(series, folder.path(), {.name = "third"});
    build.sketch(folder.path() + "/third/examples/Readings/Readings.ino", {folder.path() + "/third"},
                 folder.path() + "/readings.elf");
    const simulator::SerialChip readings(folder.path() + "/readings.elf", cost::target("uno"));
    cli::SerialPort answers(readings.port(), 115200);
    std::string name;
    for (std::optional<std::uint8_t> byte; !name.ends_with('\n') && (byte = answers.read(20s));) name += char(*byte);
    name.resize(name.size() - std::min<std::size_t>(2, name.size())); // the line's end
    CHECK(std::find(series.class_names.begin(), series.class_names.end(), name) != series.class_names.end());
}

TEST_CASE("a sketch takes its picture from program memory and says how sure its answer is, as the host does") {
    if (const auto reason = missing_stock()) {
        MESSAGE("skipped: " << *reason);
        return;
    }
    const StockBuild build;
    const ScratchFolder folder;
    const fixed::Model model = small_model("C4k3 A2 D3L C6k1 F3", 0);
    const fixed::Lowered lowered(model.network);
    const fixed::Program program = fixed::encode(lowered, cost::formats(lowered));
    const std::vector<std::int32_t>& logits = model.golden.logits;
    fixed::Confidence sure = fixed::confidence({3, logits, std::vector<std::uint8_t>{0}}, 0.0, "samples");
    sure.steps = fixed::softmax_steps(std::max(1.0, 0.7 * mcu::margin(logits.data(), 3))); // no share is 0 or 1
    deploy::write_arduino(model, program, folder.path(), {.name = "sure", .single_header = true, .confidence = sure});
    std::string pixels;
    for (const std::uint8_t pixel : model.golden.picture) pixels += text(int(pixel), ", ");
    write_file(folder.path() + "/sure.ino",
               text("#include <Arduino.h>\n#include <sure.h>\nstatic sure::Net net;\nstatic const uint8_t picture[] "
                    "PROGMEM = {",
                    pixels, "};\nstatic sure::FlashRow row(uint16_t y) { return {picture + y * ",
                    model.network.spec.input.width,
                    "}; }\nvoid setup() {\n    Serial.begin(115200);\n"
                    "    Serial.println(net.run(row));\n    Serial.println(net.margin());\n"
                    "    Serial.println(net.accepted() ? 1 : 0);\n"
                    "    for (uint8_t i = 0; i < 3; ++i) Serial.println(net.probability(i));\n}\nvoid loop() {}\n"));
    build.sketch(folder.path() + "/sure.ino", {folder.path() + "/sure"}, folder.path() + "/sure.elf");
    const simulator::SerialChip chip(folder.path() + "/sure.elf", cost::target("uno"));
    cli::SerialPort line(chip.port(), 115200);
    std::vector<std::int32_t> numbers;
    std::string word;
    while (numbers.size() < 6) {
        const auto byte = line.read(20s);
        REQUIRE(byte.has_value());
        if (*byte == '\r') continue;
        if (*byte != '\n') {
            word += char(*byte);
            continue;
        }
        numbers.push_back(parse_number<std::int32_t>(word).value());
        word.clear();
    }
    const std::int32_t margin = mcu::margin(logits.data(), 3);
    std::vector<std::int32_t> expected = {std::int32_t(std::max_element(logits.begin(), logits.end()) - logits.begin()),
                                          margin, 1};
    CHECK(sure.rejection->least_margin == margin);
    for (std::uint8_t i = 0; i < 3; ++i) expected.push_back(mcu::probability(logits.data(), 3, i, sure.steps));
    CHECK(numbers == expected);
}
#endif

TEST_CASE("what goes wrong on a serial line is told in a sentence") {
    const cli::BoardIdentity own{0x1234, 2, 3, 2};
    const auto silent = [](char) { return std::string(); };
    const std::string sample = "abcdef";
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(sample.data()), sample.size());

    CHECK_THROWS_WITH_AS(cli::Board("/dev/no_such_port", 115200, 1s),
                         "/dev/no_such_port: cannot open the port: No such file or directory; is the board plugged in?",
                         Error);
    CHECK_THROWS_WITH_AS(cli::Board("/dev/null", 115200, 1s),
                         "/dev/null: is not a serial port; give one such as /dev/ttyACM0", Error);
    CHECK_THROWS_WITH_AS(cli::Board("/dev/null", 12345, 1s), doctest::Contains("no speed of 12345 baud; use one of"),
                         Error);
    if (const auto reason = missing_terminal()) {
        MESSAGE("skipped what needs an answer: " << *reason);
        return;
    }
    {
        const FakeBoard board("", silent);
        CHECK_THROWS_WITH_AS(cli::Board(board.port(), 115200, 100ms),
                             text(board.port(), ": no answer; upload the exported library's example SerialEval to the "
                                                "board first")
                                 .c_str(),
                             Error);
    }
    {
        const FakeBoard board("Hello, TSP", silent);
        CHECK_THROWS_WITH_AS(cli::Board(board.port(), 115200, 100ms),
                             doctest::Contains("bytes, but not the greeting of SerialEval"), Error);
    }
    {
        const FakeBoard board(introduction(own, 2), silent);
        CHECK_THROWS_WITH_AS(cli::Board(board.port(), 115200, 1s),
                             doctest::Contains("the board's sketch speaks version 2 of the protocol, this program 1"),
                             Error);
    }
    { // an introduction behind the rest of an older answer
        const FakeBoard board("TSTTS" + introduction(own), silent);
        cli::Board host(board.port(), 115200, 300ms);
        CHECK_NOTHROW(host.check(own));
        CHECK_THROWS_WITH_AS(host.check({0x1235, 2, 3, 2}),
                             doctest::Contains("digest 0000000000001234, the model has 2 of 3, 0000000000001235"),
                             Error);
        CHECK_THROWS_WITH_AS(host.answer(bytes),
                             doctest::Contains("the board sent nothing while the request for a row was due"), Error);
    }
    { // only asked
        const FakeBoard board("", [&](char byte) { return byte == '?' ? introduction(own) : std::string("x"); });
        cli::Board host(board.port(), 115200, 500ms);
        CHECK_THROWS_WITH_AS(host.answer(bytes),
                             doctest::Contains("the board sent byte 120 in place of the request for a row"), Error);
    }
    for (const auto& [answer, sentence] :
         {std::pair<std::string, const char*>{"\x15", "row 0 arrived damaged"},
          {std::string("\x05\x06", 2) + std::string(13, '\1') + "\x0c", "an answer arrived damaged"},
          {std::string("\x05\x06", 2) + std::string(13, '\1') + "\x0d", nullptr}}) {
        const FakeBoard board(introduction(own), [&, answer = answer, left = 0](char byte) mutable {
            if (byte == 'P') return std::string("\x05");
            return ++left == 4 ? answer : std::string(); // three bytes and their sum
        });
        cli::Board host(board.port(), 115200, 300ms);
        if (sentence != nullptr) {
            CHECK_THROWS_WITH_AS(host.answer(bytes), doctest::Contains(sentence), Error);
            continue;
        }
        const cli::BoardAnswer good = host.answer(bytes);
        CHECK(good.label == 1);
        CHECK(good.logits == std::vector<std::int32_t>{0x01010101, 0x01010101});
        CHECK(good.microseconds == 0x01010101);
    }
}
