// SPDX-License-Identifier: Apache-2.0
// An exported Arduino library against the rules that arduino-lint, the IDE and PlatformIO hold libraries to.
#include "tinysparse/deploy/arduino.hpp"
#include "random_network.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>
#include <map>
#include <set>

using namespace tinysparse;

namespace {

fixed::Model arduino_model() {
    Random random(1, "arduino", 0);
    fixed::Model model;
    model.network = plain::random_network(net::parse("C2k3 A2 F3", {1, 8, 8}, 4), random);
    model.class_names = {"cat", "dog", "third"};
    model.command = "tinysparse train";
    model.test_accuracy = 0.5;
    model.golden.picture.assign(64, 9);
    model.golden.logits = {1, 2, 3};
    return model;
}

std::map<std::string, std::string> files_of(const fixed::Model& model, const char* name,
                                            deploy::ExportOptions options = {}) {
    options.name = name;
    std::map<std::string, std::string> files;
    const fixed::Lowered lowered(model.network);
    const fixed::Program program = fixed::encode(lowered, cost::formats(lowered));
    for (const NamedFile& file : deploy::arduino_library(model, program, options)) {
        CHECK(files.emplace(file.path, file.content).second);
    }
    return files;
}

std::map<std::string, std::string> properties_of(const std::string& content) {
    std::map<std::string, std::string> properties;
    for (const std::string& line : split(content, '\n')) {
        if (line.empty()) continue;
        REQUIRE(line.find('=') != line.npos);
        CHECK(properties.emplace(line.substr(0, line.find('=')), line.substr(line.find('=') + 1)).second);
    }
    return properties;
}

bool only(std::string_view word, std::string_view allowed) { return word.find_first_not_of(allowed) == word.npos; }
constexpr const char* letters_and_digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

} // namespace

TEST_CASE("an Arduino library keeps the rules of arduino-lint") {
    const auto files = files_of(arduino_model(), "digits");
    // One folder at the root; folder, library and main header share their name (LS008).
    for (const auto& file : files) { // clang 14 captures no structured bindings
        const std::string &path = file.first, &content = file.second;
        CAPTURE(path);
        CHECK(path.starts_with("digits/"));
        CHECK(path.find("..") == path.npos);
        CHECK(!path.ends_with(".exe"));
        CHECK(path.find(".development") == path.npos);
        CHECK(!content.empty());
    }
    CHECK(files.contains("digits/src/digits.h"));
    for (const auto& [path, content] : files) // every header at the root of src would be included by itself
        if (path.starts_with("digits/src/") && path.find('/', 11) == path.npos) CHECK(path == "digits/src/digits.h");
    for (const char* needed : {"README.md", "LICENSE", "keywords.txt", "library.properties", "library.json",
                               "examples/SerialEval/SerialEval.ino", "examples/SelfTest/SelfTest.ino",
                               "src/tinysparse/mcu.hpp", "src/tinysparse/mcu/window.hpp"})
        CHECK(files.contains(text("digits/", needed)));

    auto properties = properties_of(files.at("digits/library.properties"));
    const std::set<std::string> known = {"name",      "version",  "author", "maintainer",    "sentence",
                                         "paragraph", "category", "url",    "architectures", "includes"};
    for (const auto& property : properties) {
        const std::string &key = property.first, &value = property.second;
        CAPTURE(key);
        CHECK(known.contains(key));
        CHECK(!value.empty());
        CHECK(value.find_first_of("\r\n\t") == value.npos);
    }
    CHECK(properties.size() == known.size());
    CHECK(properties["name"] == "digits");
    CHECK(only(properties["name"], letters_and_digits));
    CHECK(properties["name"].size() <= 63);
    CHECK(split(properties["version"], '.').size() == 3); // semver
    for (const std::string& number : split(properties["version"], '.')) CHECK(parse_number<int>(number).has_value());
    CHECK(properties["category"] == "Data Processing");
    CHECK(properties["url"].starts_with("https://"));
    CHECK(properties["paragraph"].find(properties["sentence"]) == std::string::npos); // LP036
    CHECK(properties["includes"] == "digits.h");
    CHECK(properties["architectures"] == "*");

    const json::Value platformio = json::parse(files.at("digits/library.json"), "library.json");
    CHECK(platformio.at("name").as<std::string>() == "digits");
    CHECK(platformio.at("version").as<std::string>() == properties["version"]);
    CHECK(platformio.at("platforms").as<std::string>() == "*");
    CHECK(platformio.find("license") == nullptr); // that of the weights was not said

    for (const std::string& line : split(files.at("digits/keywords.txt"), '\n')) {
        if (line.empty()) continue;
        CAPTURE(line);
        const std::vector<std::string> fields = split(line, '\t'); // a single tab between them
        REQUIRE(fields.size() == 2);
        CHECK(only(fields[0], letters_and_digits));
        CHECK((fields[1] == "KEYWORD1" || fields[1] == "KEYWORD2" || fields[1] == "LITERAL1"));
    }
    for (const char* sketch : {"SerialEval", "SelfTest"}) {
        const std::string& code = files.at(text("digits/examples/", sketch, "/", sketch, ".ino"));
        CHECK(code.find("#include <Arduino.h>") != code.npos); // its case matters (LC001)
        CHECK(code.find("#include <digits.h>") != code.npos);
        CHECK(code.find('@') == code.npos);
    }
}

TEST_CASE("a library with a single header is as whole, and says the licence of its weights") {
    const auto files = files_of(arduino_model(), "digits", {.license = "MIT OR ISC", .single_header = true});
    for (const auto& file : files) CHECK(file.first.find("tinysparse") == std::string::npos);
    const std::string& header = files.at("digits/src/digits.h");
    CHECK(header.find("// SPDX-License-Identifier: Apache-2.0 AND (MIT OR ISC)\n") != header.npos);
    CHECK(header.find("#include \"") == header.npos);
    CHECK(json::parse(files.at("digits/library.json"), "").at("license").as<std::string>() ==
          "Apache-2.0 AND (MIT OR ISC)");
    const std::string& license = files.at("digits/LICENSE");
    CHECK(license.find("licensed under MIT OR ISC.") != license.npos);
    CHECK(license.ends_with(deploy::apache_license));
    CHECK_THROWS_AS(files_of(arduino_model(), "digits", {.license = "MIT OR", .single_header = true}), Error);
}

TEST_CASE("the README of a library lists its classes or numbers, and tells memory in the words of the IDE") {
    fixed::Model model = arduino_model();
    model.class_names[1] = "a|b";
    const auto files = files_of(model, "digits");
    const std::string& readme = files.at("digits/README.md");
    CHECK(readme.find("| answer | class |\n|---|---|\n| 0 | cat |\n| 1 | a\\|b |\n| 2 | third |\n") != readme.npos);
    CHECK(readme.find("Sketch uses about ") != readme.npos);
    CHECK(readme.find("@") == readme.npos);
    model.class_names.clear();
    model.test_accuracy.reset();
    model.quantities = {{"seconds", 0, 1}, {"joules", 0, 1}, {"", 0, 1}};
    Random random(1, "readme", 0);
    model.network = plain::random_network(net::parse("F3", {1, 8, 8}, 8), random);
    const auto numbers = files_of(model, "kettle");
    CHECK(numbers.at("kettle/README.md").find("| `net.value(kettle::value_joules)` | joules |\n") != std::string::npos);
}

TEST_CASE("names that Arduino refuses are refused here, with the way out") {
    for (const char* name : {"ArduinoDigits", "my_library", "1st", "my-net", ""}) {
        CAPTURE(name);
        CHECK_THROWS_AS(deploy::check_library_name(name), Error);
    }
    CHECK_THROWS_WITH_AS(
        deploy::check_library_name("ArduinoDigits"),
        "'ArduinoDigits' cannot be the name of an Arduino library: it contains 'arduino'; give another "
        "with --name",
        Error);
    CHECK_NOTHROW(deploy::check_library_name("digits_4bit"));
}

TEST_CASE("a model without a golden sample exports without the self test") {
    fixed::Model model = arduino_model();
    model.golden = {};
    const auto files = files_of(model, "plain");
    CHECK(!files.contains("plain/examples/SelfTest/SelfTest.ino"));
    CHECK(files.contains("plain/examples/SerialEval/SerialEval.ino"));
}

TEST_CASE("a library of a network with a camera says what goes in, and feeds its pixels in an example") {
    Random random(3, "arduino", 0);
    fixed::Model model;
    model.network = plain::random_network(net::parse("C2k1 F2", {1, 3, 4}, 8), random);
    model.network.input.camera = Camera{Pixels::rgb565, 61, 80, 20, 20};
    model.duties = {"mount it upright"};
    const auto files = files_of(model, "parts");
    CHECK(files.at("parts/README.md").find("2 classes of pictures, 80 pixels wide and 61 high (rgb565) apart") !=
          std::string::npos);
    CHECK(files.at("parts/README.md").find("row by row from its top left corner: 16 bits each, RGB565") !=
          std::string::npos);
    CHECK(files.at("parts/keywords.txt").find("push_pixels\tKEYWORD2\n") != std::string::npos);
    const std::string& sketch = files.at("parts/examples/Camera/Camera.ino");
    CHECK(sketch.find("net.push_piece(piece);") != sketch.npos);
    CHECK(sketch.find('@') == sketch.npos);
    const std::string& header = files.at("parts/src/parts.h");
    for (const char* line :
         {"//   net.push_row(row);                   61 times, from the top: 80 values of uint16_t\n",
          "//   net.push_pixels(pixels, count);      the same in pieces of any length, ending anywhere\n"
          "//   uint8_t answer = net.finish();       the class, 0..1; 255 while rows are missing\n"
          "//   parts::Net::class_name(answer);      its name; on AVR a string in program memory\n"
          "//   net.margin();                        the largest logit minus the second one: small if the network is "
          "unsure\n"
          "// push_row and push_pixels take pixels as the camera gives them: 16 bits each, RGB565: red in the upper 5 "
          "bits, then green in 6, "
          "blue in the lower 5.\n"
          "// parts::mcu::rgb565(red, green, blue) makes a pixel from colours of 8 bits.\n"
          "// The network reads the luma of each pixel, then the mean of 20x20 pixels each: 3 rows of 4.\n"
          "// Your program must do this first: mount it upright.\n",
          "constexpr uint16_t input_height = 61, input_width = 80, input_channels = 1;\n"
          "constexpr uint16_t reduced_height = 3, reduced_width = 4, reduced_channels = 1; // what the network reads\n"
          "constexpr uint16_t input_pieces = 77, input_piece = 64; // a sample in pieces, as push_piece() takes it\n"
          "typedef uint16_t Raw; // a value of a row\n"})
        CHECK_MESSAGE(header.find(line) != header.npos, line);
    CHECK(!files_of(arduino_model(), "digits").contains("digits/examples/Camera/Camera.ino"));
}

TEST_CASE("a library of a series says what readings are multiplied by, and feeds them in an example") {
    Random random(2, "arduino", 0);
    fixed::Model model;
    model.network = plain::random_network(net::parse("C2k1 F2", {2, 4, 1}, 8), random, true);
    model.channels = {{"ax|g", 0, 16384}, {"lamp", 0, 1}};
    model.sampling_rate = 40;
    const auto files = files_of(model, "moves");
    const std::string& readme = files.at("moves/README.md");
    CHECK(readme.find("| `channel_ax_g` | ax\\|g | 0 | 16384 | 6.103515625e-05 |\n"
                      "| `channel_lamp` | lamp | 0 | 1 | 1 |\n\nMoments per second: 40.\n") != readme.npos);
    CHECK(readme.find(
              "it subtracts the origin of the channel, multiplies by its scale and rounds. For example, a reading "
              "of 1 in `channel_ax_g` becomes (1 - 0) * 16384 = 16384. The channels") != readme.npos);
    const auto example = [&](float origin, float scale) {
        model.channels[0] = {"a", origin, scale};
        const std::string text = files_of(model, "moves").at("moves/README.md");
        const std::size_t at = text.find("For example, a reading of ");
        return text.substr(at, text.find(" The channels", at) - at);
    };
    CHECK(example(20, 0.25f) == "For example, a reading of 420 in `channel_a` becomes (420 - 20) * 0.25 = 100.");
    CHECK(example(0, 65536) == "For example, a reading of 0.25 in `channel_a` becomes (0.25 - 0) * 65536 = 16384.");
    const std::string& keywords = files.at("moves/keywords.txt");
    for (const char* line : {"to_input\tKEYWORD2\n", "channel_ax_g\tLITERAL1\n", "channel_lamp\tLITERAL1\n"})
        CHECK(keywords.find(line) != keywords.npos);
    const std::string& sketch = files.at("moves/examples/Readings/Readings.ino");
    CHECK(sketch.find("period = 25000; // microseconds from one moment to the next\n") != sketch.npos);
    CHECK(sketch.find('@') == sketch.npos);
    CHECK(readme.find("row[channel] = moves::to_input(channel, float(y)); // replace y by the reading") != readme.npos);
    CHECK(readme.find('@') == readme.npos);
    model.sampling_rate.reset();
    const auto unknown = files_of(model, "moves");
    CHECK(unknown.at("moves/examples/Readings/Readings.ino")
              .find("period = 50000; // microseconds from one moment to "
                    "the next: GUESSED") != std::string::npos);
    CHECK(unknown.at("moves/README.md").find("the sketch `Readings` guesses 20") != std::string::npos);
    CHECK(!files_of(arduino_model(), "digits").contains("digits/examples/Readings/Readings.ino"));
}

TEST_CASE("the digest follows every number of the network") {
    const fixed::Network network = arduino_model().network;
    const std::uint64_t digest = fixed::network_digest(network);
    CHECK(fixed::network_digest(network) == digest);
    const auto changed = [&](auto change) {
        fixed::Network other = network;
        change(other);
        return fixed::network_digest(other) != digest;
    };
    CHECK(changed([](fixed::Network& n) { n.layers[0].weights[3] = std::int8_t(n.layers[0].weights[3] + 1); }));
    CHECK(changed([](fixed::Network& n) { n.layers[1].weights.back() ^= 1; }));
    CHECK(changed([](fixed::Network& n) { ++n.layers[0].shift; }));
    CHECK(changed([](fixed::Network& n) { n.spec.layers[0].activation = net::Activation::linear; }));
    const fixed::Lowered lowered(arduino_model().network);
    CHECK(deploy::header(arduino_model(), fixed::encode(lowered), {}, {.name = "x"}).find(hexadecimal(digest)) !=
          std::string::npos);
}
