// SPDX-License-Identifier: Apache-2.0
// Exported folders through the compilers that will meet them.
#include "compiles.hpp"
#include "of_network.hpp"
#include "process.hpp"
#include "simulate.hpp"
#include "skipped.hpp"
#include "small_model.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>
#include <filesystem>

using namespace tinysparse;
using testing::compiles;
using testing::is_skipped;

namespace {

bool installed(const char* program) {
    const ScratchFolder folder;
    return simulator::run({program, "--version"}, folder.path() + "/output") == 0;
}

/// Compiler and flags; the words that stop at an object file or make a program come after.
struct Compiler {
    const char* name;
    std::vector<std::string> flags;
};
std::vector<Compiler> host_compilers() {
    std::vector<Compiler> all = {
        {"g++", {"-std=c++11", "-Wall", "-Wextra", "-Wpedantic"}},
        {"g++", {"-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow"}},
        {"clang++", {"-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow"}}};
    std::erase_if(all, [](const Compiler& compiler) { return !installed(compiler.name); });
    return all;
}

std::vector<std::string> words(const Compiler& compiler, std::initializer_list<std::string> rest) {
    std::vector<std::string> all = {compiler.name};
    all.insert(all.end(), compiler.flags.begin(), compiler.flags.end());
    all.insert(all.end(), rest);
    return all;
}

std::string raw_bytes(const fixed::Model& model) {
    std::string bytes(model.golden.picture.begin(), model.golden.picture.end());
    bytes.append(reinterpret_cast<const char*>(model.golden.series.data()), 2 * model.golden.series.size());
    return bytes;
}

/// A model with a layer of every kind, so that every kernel is compiled.
fixed::Model everything(int bits) {
    Random random(9, "everything", std::uint64_t(bits));
    const net::Spec spec =
        net::parse("A2 C4k3s2 =a D3L C4k1 +a A2 =b D5L C6k1b4 M2 DG F5b2 F3 @b F3", {3, 24, 24}, bits);
    return small::model(plain::random_network(spec, random), random);
}

/// A tree head whose weights are stored whole, or in lists.
fixed::Model tree(bool lists) {
    Random random(9, "tree", lists);
    fixed::Network network = plain::random_network(net::parse("A2 F6L T3d2", {1, 12, 12}, 4), random);
    for (std::int8_t& weight : network.layers[1].weights)
        if (lists && random.chance(0.9)) weight = 0;
    CHECK((of_network::formats(network)[1] != fixed::Format::dense) == lists);
    return small::model(network, random);
}

} // namespace

TEST_CASE("exported headers compile for this machine without warnings and give the host's logits") {
    for (const Compiler& compiler : host_compilers())
        for (std::uint64_t number = 0; number < 6; ++number) {
            const auto model = number == 0   ? std::optional(everything(8))
                               : number == 1 ? std::optional(everything(4))
                               : number > 3  ? std::optional(tree(number == 4))
                                             : small::random_model(number + 20, 5);
            if (!model) continue;
            CAPTURE(net::notation(model->network.spec));
            const ScratchFolder folder;
            deploy::write_export(*model, cost::target("none"), folder.path(), {.name = "network"});
            compiles(words(compiler, {"-O1", "-I" + folder.path(), folder.path() + "/main.cpp", "-o",
                                      folder.path() + "/program"}),
                     folder.path());
            CHECK(simulator::run({folder.path() + "/program"}, folder.path() + "/out") == 0);
            CHECK(read_file(folder.path() + "/out") == "self test passed\n");

            write_file(folder.path() + "/sample", raw_bytes(*model));
            CHECK(simulator::run({"/bin/sh", "-c", folder.path() + "/program - < " + folder.path() + "/sample"},
                                 folder.path() + "/out") == 0);
            const std::string line = read_file(folder.path() + "/out");
            std::string logits;
            for (const std::int32_t logit : model->golden.logits) logits += text(" ", logit);
            CHECK(line.ends_with(logits + "\n"));
        }
}

TEST_CASE("an export for this machine compiles with its platform's compiler and flags") {
    const ScratchFolder folder;
    const cost::Target& none = cost::target("none");
    if (!installed("c++")) return;
    deploy::write_export(everything(4), none, folder.path(), {.name = "network"});
    CHECK(simulator::run({simulator::compile(folder.path(), none)}, folder.path() + "/out") == 0);
    CHECK(read_file(folder.path() + "/out") == "self test passed\n");
}

namespace {

/// Models that use all kernels between them, each with the formats of its layers; by name.
struct NamedModel {
    std::string name;
    fixed::Model model;
    std::vector<fixed::Format> formats;
};
std::vector<NamedModel> all_kernels() {
    std::vector<NamedModel> all;
    const auto add = [&](fixed::Model model, std::vector<fixed::Format> formats = {}) {
        if (formats.empty()) formats = cost::formats(fixed::Lowered(model.network));
        all.push_back({text("model_", all.size()), std::move(model), std::move(formats)});
    };
    for (const int bits : {8, 4, 2}) {
        add(everything(bits));
        Random random(12, "lists", std::uint64_t(bits));
        fixed::Network network =
            plain::random_network(net::parse("C6k3 A2 D3 C8k1 M2 F12 F3", {2, 16, 16}, bits), random);
        for (fixed::Layer& layer : network.layers)
            for (std::int8_t& weight : layer.weights)
                if (random.chance(0.85)) weight = 0;
        add(small::model(network, random));
        add(small::model(network, random), std::vector<fixed::Format>(network.layers.size(), fixed::Format::straight));
    }
    for (const bool lists : {false, true}) add(tree(lists));
    Random random(13, "inputs", 0);
    fixed::Model series =
        small::model(plain::random_network(net::parse("C2k3 G F2", {2, 9, 1}, 8), random, true), random);
    series.class_names.clear();
    series.channels = {{"ax", 0, 64}, {"lamp", 0.5f, 1}};
    series.quantities = {{"seconds", 1, 2}, {"joules", 0, 1}};
    add(std::move(series));
    for (const Pixels pixels : {Pixels::gray, Pixels::rgb, Pixels::rgb565}) {
        const int channels = pixels == Pixels::rgb ? 3 : 1;
        fixed::Model pictures =
            small::model(plain::random_network(net::parse("C2k3 M2 F3", {channels, 12, 10}, 4), random), random);
        pictures.network.input.camera = Camera{pixels, 24, 30, 2, 3};
        add(std::move(pictures));
    }
    return all;
}

/// Writes all of them into a folder, and all.cpp, which includes them.
void write_all(const std::vector<NamedModel>& all, const std::string& folder, bool single_header) {
    std::string source;
    for (const NamedModel& own : all) {
        const fixed::Lowered lowered(own.model.network);
        deploy::write_export(own.model, fixed::encode_or_dense(lowered, own.formats), cost::target("mega2560"), folder,
                             {.name = own.name, .single_header = single_header});
        source += text("#include \"", own.name, ".h\"\n");
        std::filesystem::remove(folder + "/Makefile");
    }
    write_file(folder + "/all.cpp", source, false);
}

const std::vector<std::string> strict_warnings = {
    "-Wall",       "-Wextra",          "-pedantic",       "-Wconversion", "-Wsign-conversion", "-Wundef",
    "-Wcast-qual", "-Wold-style-cast", "-fno-exceptions", "-fno-rtti",    "-fsyntax-only"};

} // namespace

TEST_CASE("exported headers are clean under strict warnings from C++11 to C++23, with their kernels inside or beside") {
    const std::vector<NamedModel> all = all_kernels();
    for (const bool single_header : {true, false}) {
        const ScratchFolder folder;
        write_all(all, folder.path(), single_header);
        CHECK(std::filesystem::exists(folder.path() + "/tinysparse") == !single_header);
        const auto check = [&](std::vector<std::string> compiler, const char* standard) {
            compiler.insert(compiler.end(), strict_warnings.begin(), strict_warnings.end());
            compiler.insert(compiler.end(),
                            {text("-std=", standard), "-I" + folder.path(), folder.path() + "/all.cpp"});
            compiles(compiler, folder.path());
        };
        if (installed("g++"))
            for (const char* standard : {"c++11", "c++14", "c++17", "c++20", "c++23"}) check({"g++"}, standard);
        if (installed("clang++")) check({"clang++"}, "c++20");
        if (simulator::missing(cost::target("uno"))) continue;
        for (const char* chip : {"atmega328p", "attiny85"})
            for (const char* standard : {"c++11", "c++14", "c++1z"}) // those that avr-gcc 5 knows
                check({"avr-g++", text("-mmcu=", chip), "-Os"}, standard);
    }
}

TEST_CASE("a header with its kernels inside gives the host's logits, several of them and others in one program") {
    const std::vector<NamedModel> all = all_kernels();
    const ScratchFolder folder;
    write_all(all, folder.path(), true);
    deploy::write_export(everything(4), cost::target("none"), folder.path(), {.name = "beside"});
    std::string tests = "beside::self_test(beside_net)", nets = "static beside::Net beside_net;\n";
    for (const NamedModel& own : all) {
        tests += text(" && ", own.name, "::self_test(", own.name, "_net)");
        nets += text("static ", own.name, "::Net ", own.name, "_net;\n");
    }
    write_file(folder.path() + "/main.cpp",
               text(read_file(folder.path() + "/all.cpp"), "#include \"beside.h\"\n", nets, "int main() { return ",
                    tests, " ? 0 : 1; }\n"),
               false);
    for (const Compiler& compiler : host_compilers()) {
        if (compiler.flags[0] != "-std=c++11") continue; // one is enough: the test above has the others
        compiles(words(compiler,
                       {"-O1", "-I" + folder.path(), folder.path() + "/main.cpp", "-o", folder.path() + "/program"}),
                 folder.path());
        CHECK(simulator::run({folder.path() + "/program"}, folder.path() + "/out") == 0);
    }
}

TEST_CASE(
    "a header with its kernels inside becomes the program that it becomes with them beside, of a smaller source") {
    if (simulator::missing(cost::target("uno"))) return;
    const cost::Target& uno = cost::target("uno");
    const fixed::Model model = everything(4);
    const ScratchFolder beside, inside;
    const fixed::Lowered lowered(model.network);
    const fixed::Program program = fixed::encode(lowered, cost::formats(lowered));
    for (const bool single : {false, true})
        deploy::write_export(model, program, uno, single ? inside.path() : beside.path(),
                             {.name = "network", .single_header = single});
    std::size_t source = read_file(beside.path() + "/network.h").size();
    for (const NamedFile& kernels : deploy::mcu_headers()) source += kernels.content.size();
    CHECK(read_file(inside.path() + "/network.h").size() < source * 3 / 4);
    write_file(inside.path() + "/main.cpp", read_file(beside.path() + "/main.cpp"), false);
    std::size_t flash[2];
    for (const bool single : {false, true}) {
        const std::string& folder = single ? inside.path() : beside.path();
        simulator::compile(folder, uno);
        flash[single ? 1 : 0] = simulator::program_flash(folder, uno);
    }
    CHECK(flash[0] == flash[1]);
}

TEST_CASE("exported headers compile with avr-gcc as C++11 without warnings, with and without -flto") {
    if (is_skipped(cost::target("uno"))) return;
    const ScratchFolder folder;
    for (const bool lists : {false, true}) {
        const ScratchFolder own;
        deploy::write_export(tree(lists), cost::target("uno"), own.path(), {.name = "network"});
        compiles({"avr-g++", "-mmcu=atmega328p", "-DF_CPU=16000000UL", "-std=gnu++11", "-Os", "-Wall", "-Wextra",
                  "-pedantic", "-Wno-cpp", "-I" + own.path(), own.path() + "/main.cpp", "-o", own.path() + "/elf"},
                 own.path());
    }
    deploy::write_export(everything(4), cost::target("uno"), folder.path(), {.name = "network"});
    for (const char* level : {"-Os", "-O2", "-O0"})
        for (const char* link : {"-flto", "-fno-lto"})
            compiles({"avr-g++", "-mmcu=atmega328p", "-DF_CPU=16000000UL", "-std=gnu++11", level, link, "-Wall",
                      "-Wextra", "-pedantic", "-Wno-cpp", "-I" + folder.path(), folder.path() + "/main.cpp", "-o",
                      folder.path() + "/program.elf"},
                     folder.path());
    // The golden sample is only in the program that runs it, and no weights are in RAM.
    CHECK(simulator::run({"avr-nm", folder.path() + "/program.elf"}, folder.path() + "/names") == 0);
    CHECK(read_file(folder.path() + "/names").find("golden") == std::string::npos);
    for (const char* board : {"leonardo", "mega2560", "attiny85"}) {
        CAPTURE(board);
        Random random(11, "boards", 0);
        // for 8 KB of flash
        const auto network = plain::random_network(net::parse("A2 C3k3 A2 F3", {1, 16, 16}, 4), random);
        const ScratchFolder own;
        deploy::write_export(small::model(network, random), cost::target(board), own.path(), {.name = "network"});
        CHECK_NOTHROW(simulator::compile(own.path(), cost::target(board)));
    }
}

TEST_CASE("two exported networks, each included twice, live in one program") {
    const ScratchFolder folder;
    Random random(10, "two", 0);
    for (const char* name : {"first", "second"}) {
        const net::Spec spec = net::parse(name[0] == 'f' ? "C3k3 A2 F3" : "D3 C2k1b2 M2 F4", {1, 8, 8}, 4);
        deploy::write_export(small::model(plain::random_network(spec, random), random), cost::target("uno"),
                             folder.path(), {.name = name});
    }
    write_file(folder.path() + "/one.cpp", "#include \"first.h\"\n#include \"second.h\"\n"
                                           "bool check(second::Net& net) { return second::self_test(net); }\n");
    write_file(folder.path() + "/two.cpp", "#include \"second.h\"\n#include \"first.h\"\nbool check(second::Net&);\n"
                                           "static first::Net a;\nstatic second::Net b;\n"
                                           "int main() { return first::self_test(a) && check(b) ? 0 : 1; }\n");
    for (const Compiler& compiler : host_compilers()) {
        compiles(words(compiler, {"-O1", "-I" + folder.path(), folder.path() + "/one.cpp", folder.path() + "/two.cpp",
                                  "-o", folder.path() + "/program"}),
                 folder.path());
        CHECK(simulator::run({folder.path() + "/program"}, folder.path() + "/out") == 0);
    }
    if (simulator::missing(cost::target("uno"))) return;
    for (const char* link : {"-flto", "-fno-lto"})
        compiles({"avr-g++", "-mmcu=atmega328p", "-std=gnu++11", "-Os", link, "-Wall", "-Wextra", "-pedantic",
                  "-I" + folder.path(), folder.path() + "/one.cpp", folder.path() + "/two.cpp", "-o",
                  folder.path() + "/program.elf"},
                 folder.path());
}

TEST_CASE("the headers survive the macros of Arduino and AVR") {
    const ScratchFolder folder;
    deploy::write_export(everything(4), cost::target("uno"), folder.path(), {.name = "network"});
    std::string hostile;
    for (const char* name : {"min", "max", "abs", "round", "constrain", "radians", "degrees", "sq", "lowByte",
                             "highByte", "bitRead", "bitSet", "bitClear", "bitWrite", "bit", "F"})
        hostile += text("#define ", name, "(a) hostile macro ", name, "\n");
    for (const char* name :
         {"HIGH",    "LOW",  "INPUT", "OUTPUT", "PI",  "DEFAULT",   "EXTERNAL", "INTERNAL", "CHANGE", "word",
          "boolean", "byte", "B0",    "B1",     "B01", "B11111111", "PA1",      "PB0",      "A0",     "SP",
          "SREG",    "E",    "T",     "N",      "R",   "_B",        "_N",       "_C",       "_X",     "_P"})
        hostile += text("#define ", name, " hostile macro ", name, "\n");
    write_file(
        folder.path() + "/hostile.cpp",
        hostile +
            "#include \"network.h\"\nstatic network::Net net;\nint main() { net.begin(); return net.finish(); }\n");
    for (const Compiler& compiler : host_compilers())
        compiles(words(compiler, {"-I" + folder.path(), "-c", folder.path() + "/hostile.cpp", "-o",
                                  folder.path() + "/hostile.o"}),
                 folder.path());
    if (simulator::missing(cost::target("uno"))) return;
    compiles({"avr-g++", "-mmcu=atmega328p", "-std=gnu++11", "-Os", "-I" + folder.path(), "-c",
              folder.path() + "/hostile.cpp", "-o", folder.path() + "/hostile.o"},
             folder.path());
}
