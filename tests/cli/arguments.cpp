// SPDX-License-Identifier: Apache-2.0
#include "arguments.hpp"
#include "completion.hpp"
#include "quantities.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::cli;

namespace {
Command train() {
    return {"train",
            "Trains one network.",
            {{"FILE", "the network"}},
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

TEST_CASE("a wrong command line is one sentence with the way out") {
    CHECK_THROWS_WITH_AS(parsed({"net", "--epoch", "3"}),
                         "unknown option --epoch; did you mean --epochs? see tinysparse train --help", UsageError);
    CHECK_THROWS_WITH_AS(parsed({"net", "--zzzzzzzz"}), "unknown option --zzzzzzzz; see tinysparse train --help",
                         UsageError);
    CHECK_THROWS_WITH_AS(parsed({"net", "-x"}), "unknown option -x; see tinysparse train --help", UsageError);
    CHECK_THROWS_WITH_AS(parsed({"net", "--data"}), "--data needs a value: --data SPEC", UsageError);
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

TEST_CASE("help and completion name every option of the table") {
    const Command command = train();
    const std::string page = help(command);
    for (const Option& option : command.options) {
        CHECK(page.find("--" + option.name) != std::string::npos);
        CHECK(page.find(option.help) != std::string::npos);
        CHECK(bash_completion({command}).find("--" + option.name) != std::string::npos);
        CHECK(fish_completion({command}).find("-l " + option.name) != std::string::npos);
    }
    CHECK(help(std::vector<Command>{command}).find(command.summary) != std::string::npos);
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
    CHECK_THROWS_WITH_AS(parse_bytes("size", "3XB"), "size 3XB: expected bytes such as 485, 1536B or 2.77KB",
                         UsageError);
    CHECK_THROWS_AS(parse_share("accuracy", "150%"), UsageError);
    CHECK_THROWS_AS(parse_share("accuracy", "98.5KB"), UsageError);
}
