// SPDX-License-Identifier: Apache-2.0
// Numbers as answers, from files to a data set.
#include "tinysparse/data/targets.hpp"
#include "helpers.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/data/describe.hpp"
#include "tinysparse/data/load.hpp"
#include <doctest/doctest.h>
#include <functional>
#include <map>
#include <set>

using namespace tinysparse;
using namespace tinysparse::data;
using namespace testing;

namespace {

/// 200 rows of a, b, y = 10 a + b and z = -y.
std::string plane(const std::function<std::string(int, std::string)>& y_of = {}) {
    std::string out = "a,b,y,z\n";
    Random random(3);
    for (int i = 0; i < 200; ++i) {
        const int a = int(random.below(100)), b = int(random.below(10));
        const std::string y = tinysparse::text(10 * a + b);
        out += tinysparse::text(a, ",", b, ",", y_of ? y_of(i, y) : y, ",-", y, "\n");
    }
    return out;
}

std::string rows(int count, const std::function<std::string(int)>& row, const std::string& header) {
    std::string out = header + "\n";
    for (int i = 0; i < count; ++i) out += row(i) + "\n";
    return out;
}

/// An npy file of 32-bit floats.
std::string npy(const std::string& shape, const std::vector<float>& items) {
    std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
    while ((header.size() + 11) % 64 != 0) header += ' ';
    header += '\n';
    std::string out("\x93NUMPY\x01\x00", 8);
    out += char(header.size() & 255);
    out += char(header.size() >> 8);
    out += header;
    for (const float item : items) out.append(reinterpret_cast<const char*>(&item), 4);
    return out;
}

} // namespace

TEST_CASE("a column of numbers is the answer to each row of a table, in the unit of the column") {
    const Folder folder;
    const std::string path = folder.write("plane.csv", plane());
    const Dataset set = load(path + ",task=regression,label=y,columns=a+b");
    CHECK(set.answers_numbers());
    CHECK(set.classes() == 0);
    CHECK(set.outputs() == 1);
    CHECK(samples_of(set) == 200);
    CHECK(set.test.samples == 40);
    CHECK(set.validation.samples == 16);
    REQUIRE(set.channels.size() == 2);
    for (const Split* part : {&set.train, &set.validation, &set.test}) {
        REQUIRE(part->targets.size() == part->samples);
        CHECK(part->labels == std::vector<std::uint8_t>(part->samples));
        for (std::size_t i = 0; i < part->samples; ++i) {
            const auto reading = [&](std::size_t c) {
                return part->values[2 * i + c] / set.channels[c].scale + set.channels[c].origin;
            };
            CHECK(part->targets[i] == doctest::Approx(10 * reading(0) + reading(1)).epsilon(1e-3));
        }
    }
    // The mean and the deviation by hand; the scale is the power of two next to the deviation.
    double mean = 0, squares = 0;
    for (const float y : set.train.targets) mean += double(y) / double(set.train.samples);
    for (const float y : set.train.targets) squares += (double(y) - mean) * (double(y) - mean);
    const double deviation = std::sqrt(squares / double(set.train.samples));
    CHECK(set.quantities[0].name == "y");
    CHECK(set.quantities[0].origin == doctest::Approx(mean));
    CHECK(double(set.quantities[0].scale) / deviation < std::sqrt(2.0));
    CHECK(double(set.quantities[0].scale) / deviation > std::sqrt(0.5));
    CHECK(set.quantities[0].scale == 256);
    CHECK(has(set.notes, "number to answer: column y"));
    CHECK(has(set.notes, "40 samples were split off, at random (test=0.2)"));
    CHECK(set.digest != load(path + ",task=regression,label=z,columns=a+b").digest);
}

TEST_CASE("several numbers are answered side by side, in the order in which label= names them") {
    const Folder folder;
    const std::string path = folder.write("plane.csv", plane());
    const Dataset set = load(path + ",task=regression,label=z+y");
    REQUIRE(set.quantities.size() == 2);
    CHECK(set.quantities[0].name == "z");
    CHECK(set.shape.channels == 2);
    REQUIRE(set.test.targets.size() == 2 * set.test.samples);
    for (std::size_t i = 0; i < set.test.samples; ++i) CHECK(set.test.targets[2 * i] == -set.test.targets[2 * i + 1]);
    const json::Value description = describe(set);
    CHECK(description.find("classes")->array()->empty());
    CHECK(description.find("targets")->array()->size() == 2);
    CHECK(description_text(description).find("number to answer: z, mean -") != std::string::npos);
    CHECK(error_of([&] { load(path + ",task=regression,label=y+q"); }).find("label=q: no column has this name") !=
          std::string::npos);
    CHECK(error_of([&] { load(path + ",task=regression,label=y+y"); }).find("label= names it twice") !=
          std::string::npos);
    CHECK(error_of([&] {
              load(path + ",task=regression,label=y,columns=a+y");
          }).find("columns= names the label or the group") != std::string::npos);
}

TEST_CASE("a window answers the number at its last row, and one recording is cut in time") {
    const Folder folder;
    const auto row = [](int i) { return tinysparse::text((i * 7919) % 1009, ",", i); };
    const std::string path = folder.write("series.csv", rows(600, row, "x,y"));
    const Dataset set = load(path + ",task=regression,label=y,window=8,stride=4,columns=x");
    for (const Split* part : {&set.train, &set.validation, &set.test}) {
        REQUIRE(part->samples > 0);
        for (std::size_t i = 0; i < part->samples; ++i) {
            const int last = int(part->sources[i].row) - 2 + 7; // row 0 stands in line 2
            CHECK(part->targets[i] == float(last));
            const float reading = part->values[8 * i + 7] / set.channels[0].scale + set.channels[0].origin;
            CHECK(reading == doctest::Approx((last * 7919) % 1009).epsilon(0.01));
        }
    }
    CHECK(*std::max_element(set.train.targets.begin(), set.train.targets.end()) <
          *std::min_element(set.test.targets.begin(), set.test.targets.end()));
    CHECK(has(warnings(set), "too few recordings to keep some apart, so each was cut in time"));
    CHECK(has(warnings(set), "Errors are optimistic"));
}

TEST_CASE("recordings between blank lines stay whole") {
    const Folder folder;
    std::string text = "x,y\n";
    for (int r = 0; r < 20; ++r, text += "\n")
        for (int i = 0; i < 30; ++i) text += tinysparse::text((r * 31 + i * 7) % 97, ",", 100 * r + i, "\n");
    const Dataset set = load(folder.write("many.csv", text) + ",task=regression,label=y,window=10,columns=x");
    CHECK(set.train.samples == 3 * 14);
    CHECK(set.test.samples == 3 * 4);
    std::map<int, std::set<const Split*>> parts_of;
    for (const Split* part : {&set.train, &set.validation, &set.test})
        for (const float y : part->targets) parts_of[int(y) / 100].insert(part);
    CHECK(parts_of.size() == 20);
    for (const auto& [recording, parts] : parts_of) CHECK(parts.size() == 1);
    CHECK(error_of([&] { load(folder.path + "/many.csv,task=regression,label=y,window=40"); }) ==
          "no window of 40 rows lies in one recording; the longest has 30 rows (many.csv, line 2); use a shorter "
          "window; blank lines part the files into 20 recordings");
}

TEST_CASE("what is no number among the answers stops the reading, with its line and the cure") {
    const Folder folder;
    const auto fails = [&](const std::string& word, const std::string& keys = "") {
        const std::string path =
            folder.write("bad.csv", plane([&](int i, const std::string& y) { return i == 50 ? word : y; }));
        return error_of([&] { load(path + ",task=regression,label=y,columns=a+b" + keys); });
    };
    const std::string place = folder.path + "/bad.csv: line 52, column 3 (y): ";
    CHECK(fails("") == place + "the value is missing; skip such rows with missing=skip");
    CHECK(fails("NaN") == place + "'NaN' is a missing value; skip such rows with missing=skip");
    CHECK(fails("inf") == place + "'inf' is not a finite number; leave the field empty if the value is missing");
    CHECK(fails("high") ==
          place + "'high' is not a number, which task=regression asks for; leave task= out if it is a class");
    CHECK(fails("1e39") == place + "1e39 is too large for a number of 32 bits");
    CHECK(fails("", ",missing=skip") == "no error");
    const Dataset skipped = load(folder.path + "/bad.csv,task=regression,label=y,columns=a+b,missing=hold");
    CHECK(samples_of(skipped) == 199);
    CHECK(has(skipped.notes, "1 row without a label left out"));
}

TEST_CASE("constant, huge and tiny numbers") {
    const Folder folder;
    const auto set_of = [&](const std::function<std::string(int)>& y) {
        return load(folder.write("t.csv", rows(
                                              100, [&](int i) { return tinysparse::text(i % 7, ",", y(i)); }, "x,y")) +
                    ",task=regression,label=y");
    };
    CHECK(error_of([&] { set_of([](int) { return std::string("4.5"); }); }) ==
          folder.path + "/t.csv,task=regression,label=y: y is 4.5 in all training samples; there is nothing to learn");
    CHECK(error_of([&] {
              set_of([](int i) { return tinysparse::text(i % 5, "e-35"); });
          }).find("use a unit in which it is between 1e-30 and 1e30") != std::string::npos);
    const Dataset tiny = set_of([](int i) { return tinysparse::text(i % 5, "e-9"); });
    CHECK(tiny.quantities[0].scale == 0x1p-29f); // 1.4e-9 is nearest to 1.86e-9
    const Dataset huge = set_of([](int i) { return tinysparse::text(i % 5, "e9"); });
    CHECK(huge.quantities[0].scale == 0x1p30f);
    CHECK_FALSE(has(huge.warnings, "its differences are lost"));
    const Dataset lost = set_of([](int i) { return tinysparse::text(1000000000 + 100 * (i % 5)); });
    CHECK(has(lost.warnings, "y: its differences are lost in numbers of 32 bits"));
}

TEST_CASE("a target number far from all others is named with its place, since it decides every mean") {
    const Folder folder;
    const auto said = [&](const std::string& wild) {
        const std::string path = folder.write("a.csv", plane([&](int i, std::string y) { return i == 70 ? wild : y; }));
        std::vector<std::string> found;
        for (const std::string& one : warnings(load(path + ",task=regression,label=y,skip=z")))
            if (one.find("far from all other") != std::string::npos) found.push_back(one);
        return found;
    };
    CHECK(said("5000").empty());
    const std::vector<std::string> found = said("1e25");
    REQUIRE(found.size() == 1);
    CHECK(found[0].find("y: 1e+25 (a.csv, sample of line 72) is far from all other target numbers, nine tenths of "
                        "which lie in ") == 0);
}

TEST_CASE("arrays: labels are numbers of one or several columns") {
    const Folder folder;
    std::vector<float> x, y, z;
    for (int i = 0; i < 60; ++i) {
        for (int t = 0; t < 4; ++t) x.push_back(float((i * 5 + t * 3) % 11));
        y.push_back(float(i) / 7);
        z.insert(z.end(), {float(i), -float(i)});
    }
    folder.write("x_train.npy", npy("60, 4", x));
    folder.write("y_train.npy", npy("60,", y));
    folder.write("z.npy", npy("60, 2", z));
    const Dataset set = load(folder.path + ",task=regression,images=x_train.npy,labels=y_train.npy");
    CHECK(set.quantities.size() == 1);
    CHECK(set.quantities[0].name.empty());
    const Dataset two = load(folder.path + ",task=regression,images=x_train.npy,labels=z.npy");
    REQUIRE(two.quantities.size() == 2);
    CHECK(two.test.targets[0] == -two.test.targets[1]);
    CHECK(error_of([&] {
              load(folder.path + ",images=x_train.npy,labels=y_train.npy");
          }).find("expected a whole number; task=regression learns numbers") != std::string::npos);
    CHECK(error_of([&] { load(folder.path + ",task=regression,images=x_train.npy,labels=x_train.npy"); }) ==
          "no error"); // four numbers each
    y[5] = std::numeric_limits<float>::quiet_NaN();
    folder.write("y_train.npy", npy("60,", y));
    CHECK(error_of([&] { load(folder.path + ",task=regression,images=x_train.npy,labels=y_train.npy"); }) ==
          folder.path + "/y_train.npy: sample 5, target 0 is nan, expected a finite number; take the sample out");
}

TEST_CASE("labels that are most likely measured numbers name the key") {
    const Folder folder;
    const auto fails = [&](const std::function<std::string(int)>& label) {
        const std::string path =
            folder.write("l.csv", rows(
                                      600, [&](int i) { return tinysparse::text(i % 9, ",", label(i)); }, "x,label"));
        return error_of([&] { load(path); });
    };
    CHECK(fails([](int i) { return tinysparse::text(i % 300); }) ==
          "l.csv: the labels have 300 different values, at most 255 are possible; is it the right column? "
          "task=regression learns numbers");
    CHECK(fails([](int i) { return tinysparse::text(i % 40, ".5"); }) ==
          "l.csv: the labels are 40 different numbers, such as 0.5 and 39.5, not classes; task=regression learns "
          "numbers");
    CHECK(fails([](int i) { return tinysparse::text(i % 9 / 2.0); }) == "no error"); // stars, say
    CHECK(fails([](int i) { return tinysparse::text(i % 40, ".0"); }) == "no error");
}

TEST_CASE("keys of classes mean nothing for numbers, and numbers need a column or an array") {
    const Folder folder;
    const std::string path = folder.write("plane.csv", plane());
    for (const char* key : {"classes=1", "binary=1", "merge=a:1+2", "names=n.txt"})
        CHECK(error_of([&] {
                  load(path + ",task=regression,label=y," + key);
              }).find("is for classes; with task=regression the answers are numbers") != std::string::npos);
    CHECK(error_of([&] {
              load(path + ",task=counting,label=y");
          }).find("task=counting: expected regression; classes need no task=") != std::string::npos);
    CHECK(error_of([&] { load("synthetic:strokes,task=regression"); }).find("task= is for files") != std::string::npos);
    CHECK(error_of([&] { load(path + ",task=regression"); }).find("there is no label column") != std::string::npos);
    folder.write("one/1.csv", "a,b\n1,2\n2,3\n");
    folder.write("two/1.csv", "a,b\n1,2\n2,3\n");
    CHECK(error_of([&] { load(folder.path + "/one,task=regression"); }).find("label") != std::string::npos);
}
