// SPDX-License-Identifier: Apache-2.0
// Models whose every text tries to get out of where it is written: exported for every target, they compile without a
// word of complaint, and the program answers as the host does.
#include "process.hpp"
#include "simulate.hpp"
#include "small_model.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/deploy/arduino.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>
#include <filesystem>

using namespace tinysparse;

namespace {

/// What ends lines, comments, literals, cells and commands, or goes on in the next line. "?\?/" is the trigraph.
const std::vector<std::string> texts = {"?\?/",
                                        "ends in \\",
                                        "ends in ?\?/",
                                        "*/ #error out /*",
                                        "\n#error out\n",
                                        "\"); #error(\"",
                                        "'$(touch gone)' `touch gone` $HOME #",
                                        "\xe2\x80\xae"
                                        "right to left \xe2\x81\xa6\xe2\x80\x8f",
                                        "\xff\xfe no UTF-8",
                                        "%s%n @NAME@ @ANSWER@",
                                        "<b>|`x`|\\u000a\\",
                                        "caf\xc3\xa9 \xf0\x9f\x98\x80"};

void poison(fixed::Model& model) {
    std::size_t next = 0;
    const auto any = [&] { return texts[next++ % texts.size()]; };
    for (std::string& name : model.class_names) name = any();
    for (Channel& channel : model.channels) channel.name = any();
    for (Quantity& quantity : model.quantities) quantity.name = any();
    model.duties.assign(texts.begin(), texts.end());
    model.data_notes = texts;
    model.data = join(texts, " ");
}

/// Pictures with a class for each text.
fixed::Model of_classes() {
    Random random(21, "hostile", 0);
    fixed::Model model = small::model(plain::random_network(net::parse("A2 C3k3 F12", {1, 10, 10}, 4), random), random);
    model.class_names.resize(texts.size());
    poison(model);
    return model;
}
/// A series of six channels that answers six numbers.
fixed::Model of_numbers() {
    Random random(22, "hostile", 0);
    fixed::Model model =
        small::model(plain::random_network(net::parse("C2k3 G F6", {6, 8, 1}, 4), random, true), random);
    model.class_names.clear();
    model.channels.assign(6, {"", -0.5f, 256});
    model.quantities.assign(6, {"", 0.5f, 2});
    model.sampling_rate = 50;
    poison(model);
    return model;
}

/// Runs a program in the folder: it succeeds, and says nothing.
void is_quiet(const std::string& folder, const std::vector<std::string>& words) {
    const std::string command = join(words, " ");
    CAPTURE(command);
    CHECK(simulator::run_in(folder, words) == 0);
    CHECK(read_file(folder + "/log") == "");
}

/// The platform's compiler with its flags but for the standard, warnings as errors, trigraphs as C++11 has them, and no
/// mark of direction in the source, if the compiler looks for them.
std::vector<std::string> strict(const cost::Target& target, const std::string& folder) {
    const deploy::Platform& platform = deploy::platform(target);
    std::vector<std::string> words = {std::string(platform.compiler.name)};
    const std::string marks = "-Wbidi-chars=any";
    write_file(folder + "/empty.cpp", "");
    const bool looks = simulator::run_in(folder, {words[0], marks, "-Werror", "-fsyntax-only", "empty.cpp"}) == 0;
    for (const std::string& flag : platform.flags(target))
        if (!flag.starts_with("-std=") && flag != "-flto") words.push_back(flag);
    words.insert(words.end(), {"-Wall", "-Wextra", "-Werror", "-Wno-cpp", "-trigraphs"});
    if (looks) words.push_back(marks);
    return words;
}

std::vector<std::string> with(std::vector<std::string> words, const std::vector<std::string>& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

bool has_compiler(const cost::Target& target) {
    const ScratchFolder folder;
    const deploy::Tool& compiler = deploy::platform(target).compiler;
    if (simulator::run_in(folder.path(), {std::string(compiler.name), "--version"}) == 0) return true;
    MESSAGE("skipped: " << simulator::not_found(compiler));
    return false;
}

} // namespace

TEST_CASE("a model of hostile texts exports for every target and compiles as strictly as can be") {
    for (const cost::Target& target : cost::targets) {
        if (!has_compiler(target)) continue;
        CAPTURE(target.name);
        for (fixed::Model model : {of_classes(), of_numbers()}) {
            const ScratchFolder folder;
            const std::vector<std::string> compile = strict(target, folder.path());
            // In the last place of the header's first comment, where the next line would be taken in.
            for (const std::size_t last : {0u, 1u, 2u, 4u, 7u}) {
                model.command = "tinysparse train " + texts[last];
                deploy::write_export(model, target, folder.path(), {.name = "network"});
                is_quiet(folder.path(), with(compile, {"-std=c++11", "-fsyntax-only", "network.h"}));
            }
            is_quiet(folder.path(), with(compile, {"-std=gnu++11", "-c", "main.cpp", "-o", "main.o"}));
        }
    }
}

TEST_CASE("a program of hostile texts answers as the host does, and names its classes byte for byte") {
    const cost::Target& none = cost::target("none");
    if (!has_compiler(none)) return;
    for (const fixed::Model& model : {of_classes(), of_numbers()}) {
        const ScratchFolder folder;
        deploy::write_export(model, none, folder.path(), {.name = "network"});
        CHECK(simulator::run_in(folder.path(), {"make", "-s", "test"}) == 0);
        CHECK(read_file(folder.path() + "/log") == "self test passed\n");
        if (model.class_names.empty()) continue;
        write_file(
            folder.path() + "/names.cpp",
            "#include \"network.h\"\n#include <cstdio>\nint main() {\n"
            "    for (int i = 0; i < network::classes; ++i) std::puts(network::Net::class_name(uint8_t(i)));\n}\n");
        is_quiet(folder.path(), {"c++", "-std=c++11", "-I.", "names.cpp", "-o", "names"});
        CHECK(simulator::run_in(folder.path(), {"./names"}) == 0);
        CHECK(read_file(folder.path() + "/log") == join(texts, "\n") + "\n");
        CHECK_FALSE(std::filesystem::exists(folder.path() + "/gone"));
    }
}

TEST_CASE("an Arduino library of hostile texts has its lines, its keys and its table in order") {
    for (const fixed::Model& model : {of_classes(), of_numbers()}) {
        const fixed::Lowered lowered(model.network);
        const fixed::Program program = fixed::encode(lowered);
        for (const NamedFile& file : deploy::arduino_library(model, program, {.name = "moves"})) {
            CAPTURE(file.path);
            for (std::size_t at = 0; at < file.content.size();) {
                const Character character = character_at(file.content, at);
                CHECK((character.is_shown() || character.code == '\n' || character.code == '\t'));
                at += character.bytes;
            }
            CHECK(file.content.find("\n#error out") == std::string::npos);
            if (file.path.find("/tinysparse/") == std::string::npos) { // the kernels have no text of the model
                CHECK(file.content.find("\\\n") == std::string::npos);
                CHECK(file.content.find("?\?/\n") == std::string::npos);
            }
            if (file.path.ends_with("library.json")) CHECK_NOTHROW(json::parse(file.content, file.path));
            if (file.path.ends_with("library.properties"))
                for (const std::string& line : split(file.content.substr(0, file.content.size() - 1), '\n'))
                    CHECK(line.find('=') != std::string::npos);
        }
    }
}
