// SPDX-License-Identifier: Apache-2.0
// Tables and recordings as people write them, from files to a data set.
#include "tinysparse/data/read_tables.hpp"
#include "helpers.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/data/describe.hpp"
#include "tinysparse/data/load.hpp"
#include <cstdlib>
#include <doctest/doctest.h>
#include <numeric>
#include <set>

using namespace tinysparse;
using namespace tinysparse::data;
using namespace testing;

namespace {

/// Rows of "row(i),label(i)", under a header.
template <class Row> std::string csv(const std::string& header, int rows, const Row& row) {
    std::string out = header + "\n";
    for (int i = 0; i < rows; ++i) out += row(i) + "\n";
    return out;
}

std::string number_text(double value) { return tinysparse::text(value); }

/// 40 stretches of 32 rows, label a or b by turns.
const char* turn(int i) { return i / 32 % 2 ? "b" : "a"; }

std::vector<std::string> channel_names(const Dataset& set) {
    std::vector<std::string> names;
    for (const Channel& channel : set.channels) names.push_back(channel.name);
    return names;
}

/// Different levels of the integer grid that a channel takes in the training part.
std::size_t levels_of(const Dataset& set, std::size_t channel) {
    std::set<int> levels;
    const std::size_t times = set.shape.size() / std::size_t(set.shape.channels);
    for (std::size_t i = 0; i < set.train.values.size(); ++i)
        if (i / times % std::size_t(set.shape.channels) == channel)
            levels.insert(
                input_value(set.train.values[i], set.normalisation.offset[channel], set.normalisation.shift[channel]));
    return levels.size();
}
} // namespace

TEST_CASE("units: a scale for each channel, so that each is seen in many levels") {
    const Folder folder;
    SUBCASE("accelerometer in g beside gyroscope in deg/s") {
        folder.write("a.csv", csv("ax,gx,label", 1280, [](int i) {
                         return number_text(noise(1, i)) + "," + number_text(std::round(2000 * noise(2, i))) + "," +
                                turn(i);
                     }));
        const Dataset set = load(folder.path + ",window=32");
        CHECK(set.channels[0] == Channel{"ax", 0, 16384});
        CHECK(set.channels[1] == Channel{"gx", 0, 1});
        CHECK(levels_of(set, 0) > 100);
        CHECK(levels_of(set, 1) > 100);
    }
    SUBCASE("micro-units, counts in millions and a pressure far from 0") {
        folder.write("a.csv", csv("i,n,p,label", 1280, [](int i) {
                         return number_text(1e-6 * noise(1, i)) + "," + number_text(std::round(4e6 * noise(2, i))) +
                                "," + number_text(101325 + 3 * noise(3, i)) + "," + turn(i);
                     }));
        const Dataset set = load(folder.path + ",window=32");
        for (std::size_t c = 0; c < 3; ++c) CHECK(levels_of(set, c) > 100);
        CHECK(std::abs(set.channels[2].origin - 101325) < 10);
    }
    SUBCASE("a 0/1 sensor keeps both values, alone and beside others, even if 1 is rare") {
        folder.write("a.csv", csv("pir,door,ax,label", 1280, [](int i) {
                         return number_text(i % 2) + "," + number_text(i % 400 == 7) + "," + number_text(noise(1, i)) +
                                "," + turn(i);
                     }));
        const Dataset set = load(folder.path + ",window=32");
        CHECK(levels_of(set, 0) == 2);
        CHECK(levels_of(set, 1) == 2);
        CHECK(levels_of(set, 2) > 100);
        CHECK_FALSE(has(warnings(set), "level"));
    }
    SUBCASE("one bad row of 3,200 moves neither scale nor offset nor shift") {
        const auto make = [&](const std::string& name, double bad) {
            folder.write(name + "/a.csv", csv("ax,ay,label", 3200, [&](int i) {
                             return number_text(i == 1000 ? bad : noise(1, i)) + "," + number_text(noise(2, i)) + "," +
                                    turn(i);
                         }));
            return load(folder.path + "/" + name + ",window=32");
        };
        const Dataset good = make("good", 0), bad = make("bad", 5000);
        CHECK(good.train.groups == bad.train.groups);
        const auto level = [](const Dataset& set, float reading) {
            const Channel& channel = set.channels[0];
            return double(input_value(mcu::raw_value(reading, channel.origin, channel.scale),
                                      set.normalisation.offset[0], set.normalisation.shift[0]));
        };
        for (const float reading : {-0.9f, 0.0f, 0.5f})
            CHECK(std::abs(level(good, reading) - level(bad, reading)) <= 1);
        CHECK(levels_of(bad, 0) > 100);
    }
    SUBCASE("a channel with few levels left, or one, is named with what to do") {
        folder.write("a.csv", csv("heavy,flat,label", 1280, [](int i) {
                         return number_text(i % 50 == 3 ? 1e6 * (1 + noise(1, i)) : 1 + noise(2, i)) + ",5," + turn(i);
                     }));
        const std::vector<std::string> said = warnings(load(folder.path + ",window=32"));
        CHECK(has(said, "channel flat has one value only and tells nothing; leave it out"));
    }
}

TEST_CASE("columns: label by rank, time, index, text, order") {
    const Folder folder;
    SUBCASE("x, y, z are axes if a label stands beside them") {
        folder.write("a.csv", csv("x,y,z,label", 64,
                                  [](int i) { return "1," + number_text(i % 5) + ",3," + (i % 2 ? "u" : "v"); }));
        const Dataset set = load(folder.path);
        CHECK(set.class_names == std::vector<std::string>{"u", "v"});
        CHECK(channel_names(set) == std::vector<std::string>{"x", "y", "z"});
        CHECK(has(set.notes, "label: column label"));
    }
    SUBCASE("time is left out and gives the rate, whatever its name is") {
        for (const char* name : {"timestamp", "ms"}) {
            folder.write("a.csv", csv(std::string(name) + ",ax,label", 1280, [](int i) {
                             return tinysparse::text(1700000000000 + 16ll * i, ",") + number_text(noise(1, i)) + "," +
                                    turn(i);
                         }));
            const Dataset set = load(folder.path + ",window=32");
            CHECK(channel_names(set) == std::vector<std::string>{"ax"});
            CHECK(*set.sampling_rate == doctest::Approx(62.5));
            CHECK(has(set.notes, "62.5 rows per second"));
        }
        CHECK(error_of([&] {
                  load(folder.path + ",window=32,rate=50");
              }).find("rate= is not needed: by a column of time, the data have 62.5 rows per second") !=
              std::string::npos);
        const Dataset kept = load(folder.path + ",window=32,columns=ms+ax");
        CHECK(channel_names(kept) == std::vector<std::string>{"ms", "ax"});
    }
    SUBCASE("rate= corrects a unit that was guessed; a time that tells no rate says why") {
        const auto write = [&](const std::string& name, const auto& time) {
            return folder.write("a.csv", csv(name + ",ax,label", 1280, [&](int i) {
                                    return tinysparse::text(time(i), ",", number_text(noise(1, i)), ",", turn(i));
                                }));
        };
        const std::string odometer = write("odometer", [](int i) { return 3 * i; });
        const Dataset guessed = load(odometer + ",window=32"), stated = load(odometer + ",window=32,rate=50");
        CHECK(*guessed.sampling_rate == doctest::Approx(333.33));
        CHECK(has(guessed.notes, "is 333.33 rows per second; columns= keeps it"));
        CHECK(stated.sampling_rate == 50);
        CHECK(has(stated.notes, "is 333.33 rows per second, but rate= says 50; columns= keeps it"));
        const auto why = [&](const std::string& path) {
            const Dataset set = load(path + ",window=32");
            CHECK_FALSE(set.sampling_rate);
            CHECK_FALSE(has(load(path + ",window=32,rate=5").notes, "no rate"));
            return set.notes[1];
        };
        const std::string begin = "time was taken as time and left out; no rate follows from it (";
        CHECK(why(write("time", [](int i) { return i; })) ==
              begin + "its steps are 1, and its name has no unit as time_s has), rate= states it");
        CHECK(why(write("time", [](int i) { return i * i; })) ==
              begin + "its steps differ, or are too few), rate= states it");
        CHECK(why(write("time", [](int i) { return tinysparse::text("12:00:", i % 60); })) ==
              begin + "it holds text), rate= states it");
        CHECK(has(load(write("time_ticks", [](int i) { return 5 * i; }) + ",window=32").notes,
                  "no rate follows from it (the length of ticks is not known), rate= states it"));
        CHECK(*load(write("time_min", [](int i) { return 0.5 * i; }) + ",window=32").sampling_rate ==
              doctest::Approx(1.0 / 30).epsilon(1e-4));
    }
    SUBCASE("without a column of time rate= tells the rate, and a shorter series has its share of it") {
        folder.write("a.csv", csv("ax,label", 640, [](int i) { return number_text(noise(1, i)) + "," + turn(i); }));
        CHECK_FALSE(load(folder.path + ",window=32").sampling_rate);
        CHECK(load(folder.path + ",window=32,rate=50").sampling_rate == 50);
        CHECK(load(folder.path + ",window=32,rate=50,size=16x1").sampling_rate == 25);
    }
    SUBCASE("a note writes the step of time without the noise of its subtraction") {
        folder.write("a.csv", csv("time,ax,label", 640, [](int i) {
                         return tinysparse::fixed_decimals(20 + 0.05 * i, 2) + "," + number_text(noise(1, i)) + "," +
                                turn(i);
                     }));
        CHECK(has(load(folder.path + ",window=32").notes, "a step of 0.05, taken as seconds, is 20 rows per second"));
        folder.write("a.csv", csv("t_ms,ax,label", 640, [](int i) { // 30 rows a second
                         return tinysparse::fixed_decimals(100.0 / 3 * i, 3) + "," + number_text(noise(1, i)) + "," +
                                turn(i);
                     }));
        CHECK(load(folder.path + ",window=30,size=20x1").sampling_rate == 20);
    }
    SUBCASE("a first column without a name that counts is an index") {
        folder.write("a.csv", csv(",a,b,label", 60, [](int i) {
                         return number_text(i) + "," + number_text(noise(1, i)) + ",2," + (i % 2 ? "u" : "v");
                     }));
        CHECK(channel_names(load(folder.path)) == std::vector<std::string>{"a", "b"});
    }
    SUBCASE("text is refused with its column and what to do") {
        const std::string path = folder.write("a.csv", "id,name,a,label\n1,anna,2,u\n2,bert,3,v\n");
        CHECK(error_of([&] { load(path); }) ==
              path + ": line 2, column 2 (name): 'anna' is not a number; skip=name leaves the column out");
        folder.write("a.csv", "activity,ax,class\nsit,2,u\nwalk,3,v\n");
        CHECK(error_of([&] { load(path); }) ==
              path + ": line 2, column 1 (activity): 'sit' is not a number; skip=activity leaves the column out, "
                     "label=activity makes it the label in place of class");
        folder.write("a.csv", "ax,ay,label\nm/s2,m/s2,\n2,3,u\n3,4,v\n");
        CHECK(error_of([&] { load(path); }) ==
              path + ": line 2, column 1 (ax): 'm/s2' is not a number; the line holds no numbers: if it holds units, "
                     "take it out of the file");
    }
    SUBCASE("test.csv is matched by the names of its columns, or refused") {
        folder.write("train.csv", csv("ax,ay,label", 40, [](int i) {
                         return number_text(100 + i) + "," + number_text(-i) + "," + (i % 2 ? "u" : "v");
                     }));
        folder.write("test.csv", csv("ay,label,ax", 10, [](int i) {
                         return number_text(-i) + "," + (i % 2 ? "u," : "v,") + number_text(100 + i);
                     }));
        const Dataset set = load(folder.path);
        CHECK(channel_names(set) == std::vector<std::string>{"ax", "ay"});
        CHECK(set.test.values[0] == 100);
        CHECK(set.test.values[1] == 0);
        const std::string other = folder.write("test.csv", "az,label,ax\n1,u,2\n");
        CHECK(error_of([&] { load(folder.path); }) ==
              other + ": there is no column ay; its columns are az label ax, those of " + folder.path +
                  "/train.csv are ax ay label");
        folder.write("test.csv", "ay,ax\n1,2\n"); // as Kaggle gives it
        CHECK(error_of([&] { load(folder.path); }) ==
              other + ": there is no column label, and without labels nothing can be judged: give " + folder.path +
                  "/train.csv alone as the data; its columns are ay ax, those of " + folder.path +
                  "/train.csv are ax ay label");
    }
    SUBCASE("columns without a header must be as many") {
        folder.write("train.csv", "1,2,u\n3,4,v\n5,6,u\n7,8,v\n9,1,u\n");
        folder.write("test.csv", "1,2,3,u\n3,4,5,v\n");
        CHECK(error_of([&] { load(folder.path + ",label=last"); }).find("the columns differ in number") !=
              std::string::npos);
    }
}

TEST_CASE("missing values stop the reading, or are left out, or repeat the value before") {
    const Folder folder;
    const std::string path =
        folder.write("a.csv", csv("a,b,label", 640, [](int i) {
                         return (i == 40 ? "NA" : number_text(i % 9)) + "," + (i == 40 ? "" : "7") + "," + turn(i);
                     }));
    CHECK(error_of([&] { load(path); }) ==
          path + ": line 42, column 1 (a): 'NA' is a missing value; skip such rows with missing=skip, or repeat the "
                 "value before with missing=hold");
    const Dataset skipped = load(path + ",missing=skip,window=8");
    CHECK(has(skipped.notes, "1 row with missing values left out"));
    CHECK(samples_of(skipped) == 79); // the stretch of rows 32 to 63 is cut in two, of 8 and 23 rows
    const Dataset held = load(path + ",missing=hold,window=8");
    CHECK(samples_of(held) == 80);
    CHECK(has(held.notes,
              tinysparse::text("2 values repeated by missing=hold, at most 1 in a row (", path, ", line 42)")));
    folder.write("a.csv", csv("a,b,label", 640, [](int i) {
                     return (i >= 40 && i < 55 ? "" : number_text(i % 9)) + "," + number_text(i % 7) + "," + turn(i);
                 }));
    CHECK(has(load(path + ",missing=hold,window=8").notes,
              tinysparse::text("15 values repeated by missing=hold, at most 15 in a row (", path, ", line 42)")));
    for (const char* word : {"inf", "-Infinity"}) {
        folder.write("a.csv", tinysparse::text("a,label\n1,u\n", word, ",v\n"));
        for (const char* keys : {"", ",missing=skip", ",missing=hold"}) {
            CAPTURE(keys);
            CHECK(error_of([&] { load(path + keys); }) ==
                  tinysparse::text(path, ": line 3, column 1 (a): '", word,
                                   "' is not a finite number; leave the field empty if the value is missing"));
        }
    }
    const std::string first = folder.write("b.csv", "a,label\n,u\n,u\n1,u\n2,v\n3,u\n4,v\n5,u\n6,v\n7,u\n8,v\n");
    CHECK(has(load(first + ",missing=hold").notes, "2 rows with missing values left out"));
}

TEST_CASE("windows begin with each stretch of a label and stay within it; what fills none is counted") {
    const Folder folder;
    folder.write("a.csv",
                 csv("a,label", 12 * 65, [](int i) { return number_text(i % 10) + "," + (i / 65 % 2 ? "u" : "v"); }));
    const Dataset set = load(folder.path + ",window=64");
    CHECK(samples_of(set) == 12);
    CHECK(has(set.notes, "12 rows left out at the ends of stretches, where they fill no window"));
    CHECK(samples_of(load(folder.path + ",window=32,stride=16")) == 12 * 3);
    const Dataset strided = load(folder.path + ",window=10,stride=20"); // of 65 rows: 0-9, 20-29, 40-49
    CHECK(samples_of(strided) == 12 * 3);
    CHECK(has(strided.notes, "360 rows left out between windows"));
    CHECK(has(strided.notes, "60 rows left out at the ends of stretches"));

    const std::string path =
        folder.write("b.csv", csv("a,label", 400, [](int i) {
                         return number_text(i % 10) + "," + (i % 100 < 63 ? "fall" : i % 100 < 70 ? "" : "walk");
                     }));
    CHECK(
        error_of([&] { load(path + ",window=64"); }) ==
        "class fall: no window of 64 rows lies in one stretch of it; its longest stretch has 63 rows (b.csv, line 2); "
        "use a shorter window, or leave the class out with classes=");
    CHECK(has(load(path + ",window=20").notes, "28 rows without a label left out"));
}

TEST_CASE("recordings are files or blocks, and classes stand in folders, names of files or a column") {
    const Folder folder;
    const auto rows = [](int seed) {
        return csv("accX,accY", 100,
                   [&](int i) { return number_text(noise(seed, i)) + "," + number_text(noise(seed + 50, i)); });
    };
    for (int r = 0; r < 4; ++r)
        for (const char* name : {"idle", "wave"}) {
            const std::string content = rows(r + (name[0] == 'w' ? 10 : 0));
            folder.write(std::string("folders/") + name + "/" + std::to_string(r) + ".csv", content);
            folder.write(std::string("flat/") + name + "." + std::to_string(r) + ".csv", content);
        }
    const auto block = [](int seed, const char* gap) {
        std::string out;
        for (int b = 0; b < 4; ++b)
            out += (b ? gap : "") + csv("", 100, [&](int i) {
                                        return number_text(noise(seed + b, i)) + "," +
                                               number_text(noise(seed + b + 50, i));
                                    }).substr(1);
        return "accX,accY\n" + out;
    };
    folder.write("blocks/idle.csv", block(0, "\n"));
    folder.write("blocks/wave.csv", block(10, ",,\n"));
    for (const char* layout : {"folders", "flat"}) {
        CAPTURE(layout);
        const Dataset set = load(folder.path + "/" + layout + ",window=32");
        CHECK(set.class_names == std::vector<std::string>{"idle", "wave"});
        CHECK(samples_of(set) == 8 * 3);
        CHECK(set.group_names.size() == 8);
        CHECK(set.shape == Shape{2, 32, 1});
        CHECK(set.warnings.empty());
    }
    CHECK(load(folder.path + "/folders,window=32").digest == load(folder.path + "/flat,window=32").digest);
    const std::string row_by_row =
        "each row is a sample, 800 in 8 files; if these are recordings, window=ROWS cuts them";
    CHECK(has(load(folder.path + "/folders").warnings, row_by_row));
    CHECK_FALSE(has(load(folder.path + "/folders,window=1").warnings, row_by_row)); // it was asked for
    const Dataset blocks = load(folder.path + "/blocks,window=32");
    CHECK(samples_of(blocks) == 8 * 3);
    CHECK(blocks.group_names.size() == 8);
    CHECK(blocks.group_names[1] == "idle.csv#2");
}

TEST_CASE("one long file for each class is cut in time, with one warning") {
    const Folder folder;
    for (int c = 0; c < 2; ++c)
        folder.write(c ? "walk.csv" : "run.csv", csv("ax", 2000, [&](int i) { return number_text(noise(c, i)); }));
    const Dataset set = load(folder.path + ",window=50");
    CHECK(set.class_names == std::vector<std::string>{"run", "walk"});
    CHECK(set.train.samples > 20);
    CHECK(set.validation.samples > 0);
    CHECK(set.test.samples > 4);
    REQUIRE(warnings(set).size() == 1);
    CHECK(has(warnings(set), "Accuracies are optimistic"));
}

TEST_CASE("groups: by recording, file, column, pattern, list, and stretch") {
    const Folder folder;
    for (int exp = 0; exp < 12; ++exp)
        folder.write(tinysparse::text("set/exp", exp, "_user0", exp / 2, ".csv"),
                     csv("ax,person,label", 128, [&](int i) {
                         return number_text(noise(exp, i)) + "," + number_text(exp / 3) + "," + turn(i);
                     }));
    const auto groups = [&](const std::string& keys) {
        return ordered_classes(load(folder.path + "/set,window=16" + keys).group_names);
    };
    CHECK(groups("").size() == 12);
    CHECK(groups(",group=file").size() == 12);
    CHECK(groups(",group=*_user(*).csv") == std::vector<std::string>{"00", "01", "02", "03", "04", "05"});
    CHECK(groups(",group=person") == std::vector<std::string>{"0", "1", "2", "3"});
    CHECK(channel_names(load(folder.path + "/set,window=16,group=person")) == std::vector<std::string>{"ax"});
    std::string list;
    for (int exp = 0; exp < 12; ++exp) list += exp < 6 ? "anna\n" : exp < 9 ? "bert\n" : "cleo\n";
    folder.write("set/groups.txt", list);
    CHECK(groups(",groups=groups.txt") == std::vector<std::string>{"anna", "bert", "cleo"});

    const Dataset set = load(folder.path + "/set,window=16,group=*_user(*).csv,test_groups=2+4,val_groups=1");
    CHECK(set.test.samples == 4 * 8);
    CHECK(set.validation.samples == 2 * 8);
    CHECK(error_of([&] { load(folder.path + "/set,window=16,group=*_user(*).csv,test_groups=9"); }) ==
          "test_groups=9: there is no group 9; the groups are 00 01 02 03 04 05");
    CHECK(error_of([&] { load(folder.path + "/set,window=16,group=*_person(*).csv"); }).find("does not match group=") !=
          std::string::npos);
    CHECK(error_of([&] { load(folder.path + "/set,window=16,group=*.csv"); }).find("expected one parenthesis") !=
          std::string::npos);
    CHECK(error_of([&] { groups(",group=height"); }).find("group=height: no column has this name") !=
          std::string::npos);
    CHECK(error_of([&] { groups(",groups=set/none.txt"); }) != "no error");
    folder.write("set/groups.txt", "anna\nbert\n");
    CHECK(error_of([&] { groups(",groups=groups.txt"); }) ==
          "groups.txt: 2 lines; expected one for each of the 12 recordings");
    const Dataset one = load(folder.path + "/set/exp0_user00.csv,window=16,skip=person");
    CHECK(one.group_names[0] == "exp0_user00.csv lines 2 to 33");
    CHECK(one.train.samples == 4); // two stretches of 32 rows each are too short to cut: one of each is tested on
    CHECK(one.test.samples == 4);
}

TEST_CASE("labels of random walks cannot be told from walks that were not trained on") {
    // Labels are drawn for each recording, so that a part that shares none can only be guessed. The nearest training
    // window by mean stands for any network that remembers: with windows dealt at random it is right nine times of ten.
    const auto nearest_right = [](const Dataset& set, const Split& part) {
        const auto mean = [&](const Split& of, std::size_t i) {
            const std::size_t size = set.shape.size();
            return std::accumulate(of.values.begin() + std::ptrdiff_t(i * size),
                                   of.values.begin() + std::ptrdiff_t((i + 1) * size), 0.0) /
                   double(size);
        };
        double right = 0;
        for (std::size_t i = 0; i < part.samples; ++i) {
            std::size_t best = 0;
            for (std::size_t j = 1; j < set.train.samples; ++j)
                if (std::abs(mean(set.train, j) - mean(part, i)) < std::abs(mean(set.train, best) - mean(part, i)))
                    best = j;
            right += set.train.labels[best] == part.labels[i];
        }
        return right / double(part.samples);
    };
    double sum[3] = {0, 0, 0};
    constexpr int draws = 20;
    for (int draw = 0; draw < draws; ++draw) {
        const Folder folder;
        Random random(std::uint64_t(draw), "walks");
        std::string one = "ax,who,label\n";
        for (int r = 0; r < 40; ++r) {
            const std::string label = random.chance(0.5) ? "run" : "walk";
            double at = random.uniform(-100, 100);
            std::string own = "ax,label\n";
            for (int i = 0; i < 128; ++i) {
                at += random.uniform(-1, 1);
                own += number_text(std::round(10 * at)) + "," + label + "\n";
                one += number_text(std::round(10 * at)) + "," + number_text(r) + "," + label + "\n";
            }
            folder.write("files/" + std::to_string(r) + ".csv", own);
        }
        const std::string path = folder.write("one.csv", one);
        int kind = 0;
        for (const std::string& spec :
             {path + ",window=16,group=who", path + ",window=16,skip=who", folder.path + "/files,window=16"}) {
            const Dataset set = load(spec);
            sum[kind++] += (nearest_right(set, set.test) + nearest_right(set, set.validation)) / 2;
        }
    }
    for (const double total : sum) CHECK(std::abs(total / draws - 0.5) < 0.1);
}

TEST_CASE("classes= keeps some classes and merge= makes one of several, before windows are cut") {
    const Folder folder;
    folder.write("a.csv", csv("a,label", 1200, [](int i) {
                     static const char* names[] = {"walk", "up", "sit", "lie"};
                     return number_text(i % 10) + "," + names[i / 20 % 4];
                 }));
    const Dataset two = load(folder.path + ",window=20,classes=walk+sit");
    CHECK(two.class_names == std::vector<std::string>{"sit", "walk"});
    CHECK(samples_of(two) == 30);
    CHECK(has(two.notes, "600 rows of other classes left out"));
    const Dataset merged = load(folder.path + ",window=40,merge=move:walk+up,merge=rest:sit+lie");
    CHECK(merged.class_names == std::vector<std::string>{"rest", "move"}); // each where the first of its classes stood
    CHECK(samples_of(merged) == 30);                                       // 40 rows of walk and up are one stretch
    CHECK(error_of([&] { load(folder.path + ",classes=walk+fly"); }).find("'fly' in the list walk+fly is no class") !=
          std::string::npos);
    CHECK(error_of([&] { load(folder.path + ",window=20,classes=walk"); }).find("all samples are of one class, walk") !=
          std::string::npos);
    CHECK(error_of([&] { load(folder.path + ",merge=sit:walk+up"); }).find("there is another class sit") !=
          std::string::npos);
}

TEST_CASE("tables: columns are channels of one position, running numbers are moments, pixels are pictures") {
    const Folder folder;
    const auto make = [&](const std::string& header, int columns) {
        return folder.write("a.csv", csv(header + ",label", 60, [&](int i) {
                                std::string row;
                                for (int c = 0; c < columns; ++c) row += number_text((i * (c + 3)) % 200) + ",";
                                return row + (i % 2 ? "u" : "v");
                            }));
    };
    const Dataset table = load(make("length,width,mass", 3));
    CHECK(table.shape == Shape{3, 1, 1});
    CHECK(has(table.notes, "each of the 3 columns is a channel"));
    CHECK(table.group_names.empty());
    CHECK(load(make("length,width,mass", 3) + ",shape=1x3x1").shape == Shape{1, 3, 1});
    CHECK(load(make("t0,t1,t2", 3)).shape == Shape{1, 3, 1});
    CHECK(load(make("V1,V2,V3", 3)).shape == Shape{1, 3, 1});
    CHECK(load(make("t1,t3,t5", 3)).shape == Shape{3, 1, 1});
    CHECK(load(make("temperature", 1)).shape == Shape{1, 1, 1});
    const Dataset picture = load(make("pixel0,pixel1,pixel2,pixel3", 4));
    CHECK(picture.shape == Shape{1, 2, 2});
    CHECK_FALSE(picture.is_series());
    CHECK(load(make("pixel1,pixel2,pixel3", 3)).shape == Shape{1, 3, 1});
    CHECK(error_of([&] { load(make("a,b", 2) + ",layout=nct"); }).find("layout= is for arrays") != std::string::npos);
}

TEST_CASE("arrays: .npy recordings, classes that count from 1, and one class") {
    const Folder folder;
    for (int r = 0; r < 3; ++r)
        for (const char* name : {"idle", "wave"})
            folder.write(std::string("set/") + name + "/" + std::to_string(r) + ".npy",
                         npy("<i2", "(40, 2)", counting(160)));
    const Dataset set = load(folder.path + "/set,window=10");
    CHECK(set.shape == Shape{2, 10, 1});
    CHECK(samples_of(set) == 24);
    CHECK(set.class_names == std::vector<std::string>{"idle", "wave"});
    CHECK(error_of([&] { load(folder.path + "/set"); }).find("no data found here") != std::string::npos);

    folder.write("one/x.npy", npy("|u1", "(40, 2, 2)", counting(160)));
    std::string labels;
    for (int i = 0; i < 40; ++i) labels += little_endian(i % 2 ? 7 : 3, 8);
    folder.write("one/y.npy", npy("<i8", "(40,)", labels));
    CHECK(load(folder.path + "/one").class_names == std::vector<std::string>{"3", "7"});
    folder.write("flat/x.npy", npy("<i2", "(40, 9)", counting(720)));
    folder.write("flat/y.npy", npy("<i8", "(40,)", labels));
    CHECK(has(load(folder.path + "/flat").notes,
              "the 9 numbers of a sample are moments of one channel; shape=9x1x1 makes channels"));
    CHECK_FALSE(has(load(folder.path + "/flat,shape=9x1x1").notes, "moments of one channel"));
    folder.write("one/names.txt", "0\n1\n2\ncat\n4\n5\n6\ndog\n");
    CHECK(load(folder.path + "/one,names=names.txt").class_names == std::vector<std::string>{"cat", "dog"});
    CHECK(load(folder.path + "/one/x.npy,labels=y.npy,names=names.txt").class_names ==
          std::vector<std::string>{"cat", "dog"}); // it lies beside the file
    folder.write("one/y.npy", npy("|u1", "(40,)", std::string(40, '\1')));
    CHECK(error_of([&] { load(folder.path + "/one"); })
              .find("all samples are of one class, 1; a network needs at "
                    "least two") != std::string::npos);
    folder.write("z/data.npz", "PK");
    CHECK(error_of([&] { load(folder.path + "/z"); }) == folder.path + "/z: no data found here; data.npz: .npz is not "
                                                                       "read; save its arrays as x_train.npy and "
                                                                       "y_train.npy");
}

TEST_CASE("real data: HAPT as published, by person") {
    const std::string archive = real_data("hapt/recordings.tar.xz");
    const Folder folder;
    if (archive.empty() || std::system(("tar -xJf '" + archive + "' -C '" + folder.path + "' 2>&1").c_str()) != 0) {
        MESSAGE("skipped: no HAPT, or no tar to unpack it; set TINYSPARSE_DATA to a folder that has hapt/");
        return;
    }
    const Dataset set =
        load(folder.path + "/hapt,window=128,stride=64,group=*_user(*).csv,test_groups=2+4+9+10+12+13+18+20+24");
    CHECK(set.train.samples + set.validation.samples == 7767); // published counts
    CHECK(set.test.samples == 3162);
    CHECK(set.classes() == 12);
    CHECK(set.files.size() == 61);
    CHECK(channel_names(set) == std::vector<std::string>{"acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z"});
    CHECK(has(set.notes, "rows without a label left out"));
}

TEST_CASE("what is most likely a mistake is refused or said") {
    const Folder folder;
    const auto said = [&](const std::string& content, const std::string& keys = "") {
        const Dataset set = load(folder.write("a.csv", content) + keys);
        return warnings(set);
    };
    const auto error = [&](const std::string& content, const std::string& keys = "") {
        const std::string path = folder.write("a.csv", content);
        return error_of([&] { load(path + keys); }).substr(path.size());
    };
    std::string rows;
    for (int i = 0; i < 40; ++i) rows += number_text(i) + "," + number_text(noise(1, i)) + (i % 2 ? ",u\n" : ",v\n");
    CHECK(has(said("id,ax,label\n" + rows), "id rises at every row like an index or time; skip=id leaves it out"));
    CHECK(has(said("target,ax,label\n" + rows), "target is a channel, though its name is that of a label"));
    CHECK(channel_names(load(folder.write("a.csv", "Unnamed: 0,ax,label\n" + rows))) == std::vector<std::string>{"ax"});
    CHECK(error("ax,ax,label\n" + rows) == ": line 1, column 2 (ax): column 1 has this name too; rename one of them");
    CHECK(error("id,ax,label\n" + rows, ",columns=ax,skip=ax").find("skip= leaves out what another key asks for") !=
          std::string::npos);
    CHECK(error("id,ax,label\n" + rows, ",columns=ax+label").find("columns= names the label or the group") !=
          std::string::npos);
    CHECK(error("ax,label\n1,u\n1e39,v\n") == ": line 3, column 1 (ax): 1e39 is too large for a number of 32 bits");
    CHECK(error("who,ax,label\n1,1,u\n,2,v\n", ",group=who") ==
          ": line 3, column 1 (who): the group is empty; fill it in, or skip such rows with missing=skip");
    CHECK(error("ax,label\n1,u\n# pause\n2,v\n") ==
          ": line 3: 1 field, the first row has 2; comments are not read, take the line out");
    CHECK(error("# rate: 50\nax,label\n1,u\n") ==
          ": line 1: a comment; comments are not read, take it out of the file");
    CHECK(error("# one,two,three\nax,label\n1,u\n", ",label=last").find("the first line is a comment") !=
          std::string::npos);
    CHECK(error("ax;label\n1.234,5;u\n").find("write numbers without separators of thousands") != std::string::npos);
    CHECK(error("ax,label\n1,u\n# a note,\n").find("take this line out of the file, or the column with skip=ax") !=
          std::string::npos);
    std::string epoch = "ms,label\n";
    for (int i = 0; i < 40; ++i) epoch += tinysparse::text(170000000 + i * i % 7, i % 2 ? ",u\n" : ",v\n");
    CHECK(has(said(epoch), "ms: its differences are lost in numbers of 32 bits"));
    CHECK(has(said("ax,label\n1,1\n2,1.0\n3,1\n4,2\n5,1\n6,2\n7,1.0\n8,2\n9,1\n3,2\n"),
              "the classes 1 and 1.0 are most likely one; merge=1:1+1.0 makes them so"));
    CHECK(has(load(folder.write("a.csv", "ax,label\n1,nan\n2,u\n3,v\n4,u\n5,v\n6,u\n2,v\n5,u\n1,v\n9,u\n7,v\n")).notes,
              "1 row without a label left out"));
}

TEST_CASE("a control character in a name is refused with its place, in what is left out it is not") {
    const Folder folder;
    const auto error = [&](const std::string& content, const std::string& keys = "") {
        const std::string path = folder.write("a.csv", content);
        return error_of([&] { load(path + keys); }).substr(path.size());
    };
    CHECK(error("ax,label\n1,u\n2,\"v\tw\"\n") ==
          ": line 3, column 2 (label): 'v\\x09w' has the control character \\x09; rename it");
    CHECK(error("ax,label\n1,u\n2,\x1b[31mv\n").find("line 3, column 2 (label): '\\x1b[31mv'") != std::string::npos);
    CHECK(error("ax,who,label\n1,ann,u\n2,\"bob\nx\",v\n", ",group=who") ==
          ": line 3, column 2 (who): 'bob\\x0ax' has the control character \\x0a; rename it");
    const std::string rows = csv("\"a\tx\",\"left\nout\",label", 40,
                                 [](int i) { return number_text(noise(1, i)) + ",0," + (i % 2 ? "u" : "v"); });
    CHECK(error(rows) == ": channel 1: 'a\\x09x' has the control character \\x09; rename it");
    CHECK(error(replaced(rows, "\"a\tx\"", "ax")).find(": channel 2: 'left\\x0aout' has the control") == 0);
    CHECK(
        has(load(folder.write("a.csv", replaced(rows, "\"a\tx\"", "ax")) + ",skip=2").notes, "left out: left\\x0aout"));
}

TEST_CASE("files as they come: separators at the ends of lines, decimal commas that come late, header by its keys") {
    const Folder folder;
    std::string trailing = "ax,ay,label,\n", late = "ax;label\n", named = "gesture;0;1\n";
    for (int i = 0; i < 120; ++i) {
        trailing += number_text(i % 9) + ",1," + (i % 2 ? "u,\n" : "v,\n");
        late += number_text(i % 9) + (i < 60 ? "" : ",5") + (i % 2 ? ";u\n" : ";v\n");
        named += (i % 2 ? "u;" : "v;") + number_text(i % 9) + ";" + number_text(i % 5) + "\n";
    }
    CHECK(channel_names(load(folder.write("a.csv", trailing))) == std::vector<std::string>{"ax", "ay"});
    CHECK(load(folder.write("b.csv", late)).channels[0].scale > 1);
    CHECK(load(folder.write("c.csv", named) + ",label=gesture").class_names == std::vector<std::string>{"u", "v"});
}

TEST_CASE("marks that may separate thousands are refused, and each file's decimal commas are noted") {
    const Folder folder;
    const auto table = [](const char* large) {
        return csv("ax;label", 120,
                   [&](int i) { return (i < 60 ? number_text(i % 9) : large) + (i % 2 ? ";u" : ";v"); });
    };
    const std::string path = folder.write("a.csv", table("3,636"));
    CHECK(error_of([&] { load(path); }) ==
          path + ": line 62: '3,636' may be 3.636 or 3636; write numbers without separators of thousands, or this one "
                 "as 3,6360 if they are decimals");
    CHECK(error_of([&] { load(folder.write("a.csv", table("3.636"))); }).find("may be 3.636 or 3636") !=
          std::string::npos);
    CHECK(load(folder.write("a.csv", table("3,6360"))).channels[0].scale > 1);
    CHECK(error_of([&] { load(folder.write("a.csv", table("1,234,567"))); }).find("without separators of thousands") !=
          std::string::npos);
    for (const char* name : {"set/r0.csv", "set/r1.csv", "set/r2.csv"})
        folder.write(name, name[5] == '0' ? replaced(table("3"), ";", ",") : table("3,6"));
    const Dataset set = load(folder.path + "/set");
    const std::string note = "/set/r1.csv: fields are separated by ; and numbers have decimal commas";
    CHECK(has(set.notes, note));
    CHECK_FALSE(has(set.notes, "r2.csv: fields are separated"));
}

TEST_CASE("endings count in capitals, too") {
    const Folder folder;
    for (const char* name : {"A.CSV", "B.Csv", "C.csv"})
        folder.write(tinysparse::text("set/", name),
                     csv("ax,label", 320, [&](int i) { return number_text(noise(name[0], i)) + "," + turn(i); }));
    const Dataset set = load(folder.path + "/set,window=16");
    CHECK(set.class_names == std::vector<std::string>{"a", "b"});
    CHECK(channel_names(set) == std::vector<std::string>{"ax"});
    for (const char* name : {"idle", "wave"})
        for (int r = 0; r < 3; ++r)
            folder.write(tinysparse::text("arrays/", name, ".", r, ".NPY"), npy("<i2", "(40, 2)", counting(160)));
    CHECK(samples_of(load(folder.path + "/arrays,window=10")) == 24);
    const std::string row = "ax,label\n1,u\n2,v\n3,u\n4,v\n5,u\n6,v\n7,u\n8,v\n9,u\n10,v\n11,u\n12,v\n";
    CHECK(samples_of(load(folder.write("packed/ONE.CSV.GZ", gzip_stored(row)))) == 12);
    CHECK(error_of([&] { load(folder.write("packed/TWO.CSV.GZ", row)); }).find("expected the gzip mark") !=
          std::string::npos);
}

TEST_CASE("files that are not part of a set, and recordings that lie on their side, are named with what to do") {
    const Folder folder;
    folder.write("a/r1.csv", csv("ax,label", 64, [](int i) { return number_text(noise(1, i)) + "," + turn(i); }));
    folder.write("a/summary.csv", "mean,count\n1,2\n");
    CHECK(error_of([&] { load(folder.path + "/a,window=16"); }) ==
          folder.path + "/a: r1.csv has a label column, summary.csv has none; move what is not part of the data set "
                        "out of the folder, or name one file");
    for (const char* name : {"idle", "wave"})
        folder.write(tinysparse::text("b/", name, ".npy"), npy("<i2", "(3, 64)", counting(384)));
    CHECK(error_of([&] { load(folder.path + "/b,window=16"); })
              .find("it has 64 columns: if these are moments, "
                    "transpose it") != std::string::npos);
}

TEST_CASE("classes that one group alone has cannot be tested") {
    const Folder folder;
    const std::string path =
        folder.write("a.csv", csv("person,ax,label", 600, [](int i) {
                         return tinysparse::text(i / 200, ",", number_text(noise(1, i)), ",", "abc"[i / 200]);
                     }));
    CHECK(error_of([&] {
              load(path + ",window=16,group=person");
          }).find("each class occurs in one group only, so a test would take it from the training") !=
          std::string::npos);
}

TEST_CASE("a recording of which a class must be cut in time is cut as a whole") {
    const Folder folder;
    for (int r = 0; r < 8; ++r) {
        const int rows = r < 2 ? 700 : 400; // the third class lies in two recordings only
        folder.write(tinysparse::text("r", r, ".csv"), csv("ax,label", rows, [&](int i) {
                         return number_text(noise(r, i)) + "," + (i >= 400 ? "rare" : i / 50 % 2 ? "a" : "b");
                     }));
    }
    const Dataset set = load(folder.path + ",window=10");
    CHECK(has(set.warnings, "too few recordings or stretches of rare"));
    CHECK_FALSE(has(warnings(set), "are in the training part too"));
    std::set<std::uint32_t> train, test;
    for (std::size_t i = 0; i < set.train.samples; ++i)
        if (set.train.sources[i].file > 1) train.insert(set.train.sources[i].file);
    for (std::size_t i = 0; i < set.test.samples; ++i)
        if (set.test.sources[i].file > 1) test.insert(set.test.sources[i].file);
    for (const std::uint32_t file : test) CHECK_FALSE(train.contains(file));
}

TEST_CASE("folders and files that a layout does not reach are named") {
    const Folder folder;
    const auto rows = [](int seed) { return csv("ax", 100, [&](int i) { return number_text(noise(seed, i)); }); };
    for (int r = 0; r < 3; ++r)
        for (const char* name : {"a", "b"}) folder.write(tinysparse::text(name, "/", r, ".csv"), rows(r + name[0]));
    folder.write("c/1.txt", rows(9));
    folder.write("a/notes.log", "x");
    const Dataset set = load(folder.path + ",window=10");
    CHECK(has(warnings(set), "/c: this folder was left out"));
    CHECK(has(set.notes, "1 .log file left out"));
    CHECK(error_of([&] { load(folder.path + "/c"); }).find("1.txt: .txt is not read; rename it to .csv") !=
          std::string::npos);
    for (int r = 0; r < 3; ++r)
        for (const char* person : {"anna", "bert"})
            folder.write(tinysparse::text("people/", person, "/", r, ".csv"),
                         csv("ax,label", 64, [&](int i) { return number_text(noise(r, i)) + "," + turn(i); }));
    const Dataset people = load(folder.path + "/people,window=16,group=(*)/*.csv,val=0,test=0.5");
    CHECK(people.class_names == std::vector<std::string>{"a", "b"});
    CHECK(people.group_names == std::vector<std::string>{"anna", "bert"});
    CHECK(has(people.notes, "the label column says the class, not the folder"));
}
