// SPDX-License-Identifier: Apache-2.0
#include "arguments.hpp"
#include "completion.hpp"
#include "help.hpp"
#include "man.hpp"
#include "quantities.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::cli;

namespace {
Command train() {
    return {"train",
            "Trains one network.",
            {{"FILE", "The network."}},
            {{"epochs", "N", "How long."},
             {"data", "SPEC", "The data set.", 0, true},
             {"output", "FILE", "Where to.", 'o'},
             {"limit", "NAME=VALUE", "A limit.", 0, false, true},
             {"split", "NAME", "Which part.", 0, false, false, {"val", "test"}},
             {"quiet", "", "Say nothing."}},
            "tinysparse train",
            {}};
}
Arguments parsed(const std::vector<std::string>& words) { return parse(train(), words); }

/// The page in one line, with single spaces.
std::string in_one_line(const std::string& page) {
    std::string out;
    for (const char letter : replaced(page, "\n", " "))
        if (letter != ' ' || !out.ends_with(' ')) out += letter;
    return out;
}

/// The sentence of the UsageError that `of` throws.
template <class Of> std::string refusal(const Of& of) {
    try {
        of();
    } catch (const UsageError& error) {
        return error.what();
    }
    return "";
}
} // namespace

TEST_CASE("options are read in every usual form") {
    const Arguments a =
        parsed({"--epochs", "3", "--data=x,val=0.1", "-oout", "net", "--quiet", "--limit", "a=1", "--limit=b=2"});
    CHECK(a.number<int>("epochs") == 3);
    CHECK(a.value("data") == "x,val=0.1");
    CHECK(a.value("output") == "out");
    CHECK(a.positional(0) == "net");
    CHECK(a.has("quiet"));
    CHECK(a.values("limit") == std::vector<std::string>{"a=1", "b=2"});
    CHECK(!a.has("split"));
    CHECK(a.number_or<int>("seed", 7) == 7);
    CHECK(parsed({"--data", "x", "--", "--quiet"}).positional(0) == "--quiet");
    CHECK(parsed({"--data", "-", "-"}).positional(0) == "-");
}

TEST_CASE("the last positional may be repeated if its name says so") {
    const Command command{
        "classify", "Classify.", {{"MODEL", "Model file."}, {"FILE...", "Picture."}}, {{"json", "", "JSON."}}, "", {}};
    CHECK(parse(command, {"m.tsm", "a.png", "--json", "b.png"}).positionals_from(1) ==
          std::vector<std::string>{"a.png", "b.png"});
    CHECK(parse(command, {"m.tsm", "a.png"}).positionals_from(2).empty());
    CHECK_THROWS_WITH_AS(parse(command, {"m.tsm"}), "classify needs FILE...: picture; see tinysparse classify --help",
                         UsageError);
    CHECK(usage(command) == "tinysparse classify MODEL FILE... [OPTIONS]");
}

TEST_CASE("a wrong command line is one sentence with the way out") {
    CHECK_THROWS_WITH_AS(parsed({"net", "--epoch", "3"}),
                         "unknown option --epoch; did you mean --epochs? see tinysparse train --help", UsageError);
    CHECK_THROWS_WITH_AS(parsed({"net", "--zzzzzzzz"}), "unknown option --zzzzzzzz; see tinysparse train --help",
                         UsageError);
    CHECK_THROWS_WITH_AS(parsed({"net", "-x"}), "unknown option -x; see tinysparse train --help", UsageError);
    CHECK_THROWS_WITH_AS(parsed({"net", "--data"}), "--data needs a value: --data SPEC", UsageError);
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"net", "--data", ""}, {"net", "--data="}, {"--data", "", "net"}})
        CHECK_THROWS_WITH_AS(parsed(words), "--data needs a value: --data SPEC", UsageError);
    CHECK_THROWS_WITH_AS(parsed({"--data", "x", ""}), "train needs FILE: the network; see tinysparse train --help",
                         UsageError);
    CHECK_THROWS_WITH_AS(parsed({"net"}), "train needs --data SPEC; see tinysparse train --help", UsageError);
    CHECK_THROWS_WITH_AS(parsed({"--data", "x"}), "train needs FILE: the network; see tinysparse train --help",
                         UsageError);
    CHECK_THROWS_WITH_AS(parsed({"--data", "x", "a", "b"}), "'b' is one word too many; see tinysparse train --help",
                         UsageError);
    CHECK_THROWS_WITH_AS(parsed({"--data", "x", "--data", "y", "a"}), "--data is given twice", UsageError);
    CHECK_THROWS_WITH_AS(parsed({"--data", "x", "--quiet=1", "a"}), "--quiet takes no value", UsageError);
    CHECK_THROWS_WITH_AS(parsed({"--data", "x", "--split", "tset", "a"}),
                         "--split tset is not known; did you mean test? It is one of val, test", UsageError);
    CHECK_THROWS_WITH_AS(parsed({"--data", "x", "--epochs", "3x", "a"}).number<int>("epochs", 1, 100),
                         "--epochs 3x: expected a whole number from 1 to 100", UsageError);
    CHECK_THROWS_WITH_AS(parsed({"--data", "x", "--epochs", "0", "a"}).number<int>("epochs", 1, 100),
                         "--epochs 0: expected a whole number from 1 to 100", UsageError);
    CHECK_THROWS_WITH_AS(find_command({train()}, "trian"),
                         "unknown command trian; did you mean train? See tinysparse --help", UsageError);
}

TEST_CASE("commands, options and values are hinted at if they are near, and only then") {
    struct Case {
        const char *word, *meant; // nothing if none is near
    };
    std::vector<Command> commands(4, train());
    commands[1].name = "data";
    commands[2].name = "search";
    commands[3].name = "completion";
    for (const Case& one : {Case{"trian", "train"}, Case{"SEARCH", "search"}, Case{"compl", "completion"},
                            Case{"dta", "data"}, Case{"man", ""}, Case{"version", ""}, Case{"rain-fall", ""},
                            Case{"--train", "train"}, Case{"x", ""}, Case{"drop", ""}, Case{"fit", "train"},
                            Case{"optimise", "search"}, Case{"describe", "data or show"}, Case{"predict", ""}}) {
        CAPTURE(one.word);
        const std::string hint = *one.meant ? text("; did you mean ", one.meant, "? See ") : "; see ";
        CHECK(refusal([&] { find_command(commands, one.word); }) ==
              text("unknown command ", one.word, hint, "tinysparse --help"));
    }
    for (const Case& one : {Case{"--epoch", "epochs"}, Case{"--ouptut", "output"}, Case{"--help-me", ""},
                            Case{"--helpp", "help"}, Case{"--Quiet", "quiet"}, Case{"--lime", ""}, Case{"-h", ""},
                            Case{"--date", "data"}, Case{"--verbose", ""}, Case{"---", ""}, Case{"--ep", "epochs"},
                            Case{"--dataset", "data"}, Case{"--folder", "output"}, Case{"--workers", ""}}) {
        CAPTURE(one.word);
        const std::string hint = *one.meant ? text("; did you mean --", one.meant, "? ") : "; ";
        CHECK(refusal([&] {
                  parsed({"net", one.word});
              }) == text("unknown option ", one.word, hint, "see tinysparse train --help"));
    }
    for (const Case& one : {Case{"tset", "test"}, Case{"Val", "val"}, Case{"vaal", "val"}, Case{"all", ""},
                            Case{"train", ""}, Case{"te", "test"}, Case{"t", ""}}) {
        CAPTURE(one.word);
        const std::string hint = *one.meant ? text("; did you mean ", one.meant, "? It is one of ") : "; use one of ";
        CHECK(refusal([&] {
                  parsed({"--data", "x", "net", "--split", one.word});
              }) == text("--split ", one.word, " is not known", hint, "val, test"));
    }
}

TEST_CASE("help fits 80 columns, whatever the length of its sentences") {
    Command command = train();
    command.summary = "Train " + std::string(60, 'x') + " and twenty more characters.";
    command.options.push_back({"a-very-long-name", "WITH-A-LONG-VALUE", std::string(50, 'y') + " is a long word."});
    command.options.push_back(
        {"target", "TARGET", "Board.", 0, false, false, std::vector<std::string>(20, "mega2560")});
    const std::string page = help(command);
    for (const std::string& line : split(page, '\n')) {
        CAPTURE(line);
        CHECK(line.size() <= 80);
        CHECK_FALSE(line.ends_with(' '));
    }
    CHECK(page.find("\n      --a-very-long-name WITH-A-LONG-VALUE\n") != std::string::npos);
    CHECK(page.find("Board. One of mega2560, mega2560, ") != std::string::npos); // values that the help does not name
    CHECK(page.find("Which part. One of val, test.") != std::string::npos);
    CHECK(cli::detail::wrapped("one two", 2) == "one two");
    CHECK(cli::detail::wrapped(std::string(66, 'a') + " bbbbbbbbb", 4) == std::string(66, 'a') + " bbbbbbbbb"); // 4+76
    CHECK(cli::detail::wrapped(std::string(66, 'a') + " bbbbbbbbbb", 4) == std::string(66, 'a') + "\n    bbbbbbbbbb");
    CHECK(cli::detail::wrapped(std::string(78, 'a') + " 8 KB") == std::string(78, 'a') + "\n8 KB");
}

TEST_CASE("the manual page names every option, and escapes what troff would obey") {
    Command command = train();
    command.example = "tinysparse train -o 'a\\b'\n.tinysparse \"x^2\"";
    const std::string page = man_page({command});
    CHECK(page.find("\n.TH TINYSPARSE 1 ") != std::string::npos);
    CHECK(page.find("\n.SS train\n\\fBtinysparse train FILE \\-\\-data SPEC [OPTIONS]\\fR\n") != std::string::npos);
    for (const Option& option : command.options) {
        CAPTURE(option.name);
        const std::size_t at = page.find("\\-\\-" + option.name + "\\fR");
        REQUIRE(at != std::string::npos);
        CHECK(page.find(option.help, at) != std::string::npos);
    }
    CHECK(page.find("\n\\fB\\-o, \\-\\-output\\fR \\fIFILE\\fR\n") != std::string::npos);
    CHECK(page.find("\ntinysparse train \\-o \\(aqa\\eb\\(aq\n\\&.tinysparse \\(dqx\\(ha2\\(dq\n.fi\n") !=
          std::string::npos);
}

TEST_CASE("help and completion name every option of the table") {
    const Command command = train();
    const std::string page = in_one_line(help(command));
    for (const Option& option : command.options) {
        CHECK(page.find("--" + option.name) != std::string::npos);
        CHECK(page.find(option.help) != std::string::npos);
        CHECK(bash_completion({command}).find("--" + option.name) != std::string::npos);
        CHECK(fish_completion({command}).find("-l " + option.name) != std::string::npos);
    }
    CHECK(in_one_line(help(std::vector<Command>{command})).find(command.summary) != std::string::npos);
    CHECK(zsh_completion({command}).find("bashcompinit") != std::string::npos);
}

TEST_CASE("quantities carry their units") {
    CHECK(parse_duration("--budget", "90") == 90);
    CHECK(parse_duration("--budget", "90s") == 90);
    CHECK(parse_duration("--budget", "1h30m") == 5400);
    CHECK(parse_duration("--budget", "0.5m") == 30);
    CHECK(parse_bytes("size", "485") == 485);
    CHECK(parse_bytes("size", "2.5KB") == 2560);
    CHECK(parse_share("accuracy", "98.5%") == doctest::Approx(0.985));
    CHECK(parse_share("accuracy", "0.985") == 0.985);
    for (const char* word : {"", "m", "0", "15x", "1h30", "-3s", "nan", "1e400", "s15"}) {
        CAPTURE(word);
        CHECK_THROWS_AS(parse_duration("--budget", word), UsageError);
    }
    CHECK(parse_milliseconds("--max-ms", "10") == 10);
    CHECK(parse_milliseconds("--max-ms", "0.5s") == 500);
    CHECK_THROWS_WITH_AS(parse_bytes("size", "3XB"),
                         "size 3XB: expected a size in B, KB (1024 B) or MB, such as 485, 1536B or 2.77KB", UsageError);
    CHECK_THROWS_WITH_AS(parse_milliseconds("--max-ms", "2KB"),
                         "--max-ms 2KB: expected a time in us, ms, s, m or h, such as 10ms, 90s, 15m or 1h30m",
                         UsageError);
    CHECK_THROWS_WITH_AS(parse_duration("--timeout", "2h", 0.1, 3600),
                         "--timeout 2h: expected a time from 0.1 to 3600 s, such as 10ms, 90s, 15m or 1h30m",
                         UsageError);
    CHECK_THROWS_WITH_AS(parse_share("accuracy", "150%"),
                         "accuracy 150%: expected a share from 0 to 1, such as 5% or 0.05", UsageError);
    CHECK_THROWS_AS(parse_share("accuracy", "98.5KB"), UsageError);
    CHECK_THROWS_WITH_AS(parse_share("--keep", "0", 1e-6, 0.5),
                         "--keep 0: expected a share from 0.000001 to 0.5, such as 5% or 0.05", UsageError);
    CHECK(plain_number(1e9) == "1000000000");
    CHECK(plain_number(0.001) == "0.001");
    CHECK(plain_number(-2) == "-2");
}
