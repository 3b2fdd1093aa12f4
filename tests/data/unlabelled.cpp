// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/unlabelled.hpp"
#include "helpers.hpp"
#include "tinysparse/base/png.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/data/load.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;
using namespace testing;

namespace {

/// What a network takes that was trained with this set.
NetworkInput input_for(const Dataset& set) {
    return {set.shape, set.is_series(), set.camera, set.channels, set.name, {}};
}

/// The values of a sample of a set.
template <class Element> std::vector<Element> sample(const Dataset& set, const Split& part, std::size_t i) {
    const auto begin = part.elements<Element>().begin() + std::ptrdiff_t(i * set.shape.size());
    return {begin, begin + std::ptrdiff_t(set.shape.size())};
}

/// A recording of three sensors, whose readings need a scale; with a label in its second column if asked.
std::string recording(std::uint64_t seed, int rows, bool labelled) {
    Random random(seed, "recording");
    std::string csv = labelled ? "time,activity,ax,ay,temperature\n" : "time,ax,ay,temperature\n";
    for (int row = 0; row < rows; ++row)
        csv += text(row * 20, labelled ? ",walk" : "", ",", fixed_decimals(random.normal(), 3), ",",
                    fixed_decimals(2 * random.normal(), 3), ",", fixed_decimals(21 + random.normal(), 2), "\n");
    return csv;
}

} // namespace

#if TINYSPARSE_TEST_IMAGES
TEST_CASE("every picture of a folder is read alone as the set has read it") {
    const Folder folder;
    write_mixed_pictures(folder, 7, "alone");
    for (const char* keys : {"", ",gray", ",pixels=rgb565", ",pixels=rgb565,gray", ",gray,size=40x20", ",shrink=7"}) {
        CAPTURE(std::string(keys));
        const Dataset set = load(folder.path + keys, support());
        std::size_t compared = 0;
        for (const Split* part : {&set.train, &set.validation, &set.test})
            for (std::size_t i = 0; i < part->samples; ++i, ++compared) {
                const std::string& file = set.files[part->sources[i].file];
                CAPTURE(file);
                const Unlabelled alone = read_picture(folder.path + "/" + file, input_for(set), support());
                CHECK(alone.samples.samples == 1);
                CHECK(alone.samples.pixels == sample<std::uint8_t>(set, *part, i));
            }
        CHECK(compared == 30);
    }
}

TEST_CASE("a picture of another size, form or kind is changed as the set would change it, and a note says so") {
    const Folder folder;
    const std::vector<std::uint8_t> white(3 * 56 * 56, 255), wide(3 * 8 * 4, 90);
    const std::string square = folder.write("square.png", encode_png(56, 56, 3, white)),
                      oblong = folder.write("oblong.png", encode_png(8, 4, 3, wide)),
                      deep = folder.write("deep.pgm", "P5 1 1 4095\n\x0f\xff"),
                      table = folder.write("table.csv", "a,b\n1,2\n"), empty = folder.write("empty.png", "");
    const NetworkInput gray{{1, 28, 28}, false, {}, {}, "mnist", {}}, colours{{3, 2, 2}, false, {}, {}, "photos", {}};
    const Unlabelled read = read_picture(square, gray, support());
    CHECK(read.samples.pixels == std::vector<std::uint8_t>(28 * 28, 255));
    CHECK(read.notes.empty());
    const Unlabelled form = read_picture(oblong, {{1, 2, 2}, false, {}, {}, "photos,gray", {}}, support());
    CHECK(form.samples.pixels == std::vector<std::uint8_t>(4, 90));
    CHECK(form.notes == std::vector<std::string>{
                            "the picture was averaged from 4x8 to 2x2 (height x width); its proportions changed"});
    const Unlabelled dark = read_picture(deep, colours, support());
    CHECK(dark.samples.pixels == std::vector<std::uint8_t>(12, 255)); // maxval is white
    REQUIRE(dark.notes.size() == 1);
    CHECK(dark.notes[0] == "the picture is gray, and the model was trained on colours; it took the same value for all "
                           "three");

    const auto why = [&](const std::string& path, const NetworkInput& input) {
        return error_of([&] { read_picture(path, input, support()); });
    };
    CHECK(why(folder.path + "/none.png", gray).find(folder.path + "/none.png: ") == 0);
    CHECK(why(folder.path + "/none.png", gray).find("No such file") != std::string::npos);
    CHECK(why(empty, gray) == empty + ": the file is empty");
    CHECK(why(table, gray).find(table + ": no picture of a known kind; ") == 0);
    CHECK(why(square, {{2, 9, 9}, false, {}, {}, "", {}}) ==
          square + ": the model reads pictures of 2 channels; a picture file has 1 or 3");
    Camera camera; // as a damaged model may say: blocks that do not give its picture
    camera.height = camera.width = 10;
    CHECK(why(square, {{1, 5, 5}, false, camera, {}, "photos,shrink=3", {}}) ==
          square + ": the picture has 9 values after its preparation, the model reads 25");
    CHECK(error_of([&] { read_picture(square, gray, {}); }) ==
          square + ": this program was built without support for pictures; install libstb-dev and build it again");
}
#endif

TEST_CASE("every window of a recording is read alone as the set has read it") {
    const Folder folder;
    for (int i = 0; i < 12; ++i)
        folder.write(text("set/", i % 2 ? "walk" : "run", "/", i, ".csv"), recording(std::uint64_t(i), 70 + i, false));
    for (const char* keys : {",window=16", ",window=16,stride=5", ",window=20,size=5x1", ",window=16,columns=ay+ax"}) {
        CAPTURE(std::string(keys));
        const Dataset set = load(folder.path + "/set" + keys);
        std::size_t compared = 0;
        std::vector<Unlabelled> files;
        for (const std::string& file : set.files)
            files.push_back(read_recording(folder.path + "/set/" + file, input_for(set)));
        for (const Split* part : {&set.train, &set.validation, &set.test})
            for (std::size_t i = 0; i < part->samples; ++i) {
                const Source& source = part->sources[i];
                const Unlabelled& alone = files[source.file];
                for (std::size_t k = 0; k < alone.lines.size(); ++k) {
                    if (alone.lines[k].first != source.row) continue;
                    const auto begin = alone.samples.values.begin() + std::ptrdiff_t(k * set.shape.size());
                    CHECK(std::vector<std::int16_t>(begin, begin + std::ptrdiff_t(set.shape.size())) ==
                          sample<std::int16_t>(set, *part, i));
                    ++compared;
                }
            }
        CHECK(compared == set.train.samples + set.validation.samples + set.test.samples);
    }
}

TEST_CASE("columns of a recording are found by name, whatever stands beside them; labels are not used") {
    const Folder folder;
    for (int i = 0; i < 8; ++i)
        folder.write(text("set/", i % 2 ? "walk" : "run", "/", i, ".csv"), recording(std::uint64_t(i), 70, false));
    const NetworkInput input = input_for(load(folder.path + "/set,window=16,stride=4"));
    const auto plain = read_recording(folder.write("plain.csv", recording(9, 40, false)), input);
    const auto labelled = read_recording(folder.write("labelled.csv", recording(9, 40, true)), input);
    CHECK(plain.samples.samples == 7);
    CHECK(plain.lines.front() == Lines{2, 17});
    CHECK(plain.lines.back() == Lines{26, 41});
    CHECK(labelled.samples.values == plain.samples.values);

    NetworkInput wide = input;
    wide.stride = 24;
    CHECK(read_recording(folder.path + "/plain.csv", wide).lines == std::vector<Lines>{{2, 17}, {26, 41}});

    std::string nameless, gap = "ax,ay,temperature\n";
    for (int row = 0; row < 33; ++row) {
        nameless += text(row, ",", -row, ",21.5\n");
        gap += row == 16 ? ",1,20\n" : "0.5,1,20\n";
    }
    const auto by_place = read_recording(folder.write("nameless.csv", nameless), input);
    CHECK(by_place.notes.front() == "the columns have no names and were taken as ax ay temperature");
    CHECK(by_place.lines.front() == Lines{1, 16});
    CHECK(read_recording(folder.write("gap.csv", gap), input).lines ==
          std::vector<Lines>{{2, 17}, {19, 34}}); // no window spans the row without a value

    const auto why = [&](const std::string& name, const std::string& content) {
        const std::string path = folder.write(name, content), said = error_of([&] { read_recording(path, input); });
        return said.starts_with(path + ": ") ? said.substr(path.size() + 2) : said;
    };
    CHECK(why("absent.csv", "ax,ay,humidity\n1,2,3\n") == "there is no column temperature; the model reads ax ay "
                                                          "temperature, the columns are ax ay humidity");
    CHECK(why("two.csv", "1,2\n3,4\n") == "the file has 2 columns without names, the model reads ax ay temperature; "
                                          "name the columns in the first line");
    CHECK(why("short.csv", "ax,ay,temperature\n1,2,3\n1,2,3\n") ==
          "the model reads 16 rows at once; the longest run of rows has 2");
    CHECK(why("none.csv", "ax,ay,temperature\n1,,3\n1,,3\n") == "no row has all values");
    CHECK(
        why("words.csv", "ax,ay,temperature\n1,two,3\n1,2,3\n").find("line 2, column 2 (ay): 'two' is not a number") ==
        0);
    CHECK(why("photo.png", encode_png(1, 1, 1, std::vector<std::uint8_t>{7})) ==
          "this is no table; the model reads series of 3 channels and 16 moments, as CSV or .npy");
}

TEST_CASE("a recording in another unit, at another rate or with a jump of time is classified with a warning") {
    const Folder folder;
    const auto write = [&](const std::string& name, double factor, int step, int jump = 0) {
        Random random(9, name);
        std::string csv = "time_ms,ax,ay\n";
        for (int row = 0; row < 80; ++row)
            csv += text(step * row + (row >= 40 ? jump : 0), ",", factor * random.normal(), ",",
                        2 * factor * random.normal(), "\n");
        return folder.write(name, csv);
    };
    for (int i = 0; i < 8; ++i) write(text("set/", i % 2 ? "walk" : "run", "/", i, ".csv"), 1, 20);
    const Dataset set = load(folder.path + "/set,window=16");
    NetworkInput input = input_for(set);
    input.normalisation = set.normalisation;
    input.rate = set.sampling_rate;
    const auto said = [&](const std::string& path) { return read_recording(path, input).warnings; };
    CHECK(said(write("same.csv", 1, 20)).empty());
    const std::vector<std::string> large = said(write("milli.csv", 1000, 20)), fast = said(write("fast.csv", 1, 5)),
                                   jump = said(write("jump.csv", 1, 20, 5000));
    REQUIRE(large.size() == 2);
    CHECK(large[0].find(" % of ax is outside the range of the training data; is the unit the same?") !=
          std::string::npos);
    CHECK(large[1].find(" % of ay ") != std::string::npos);
    CHECK(
        said(write("kilo.csv", 0.001, 20)) ==
        std::vector<std::string>{"the readings hardly change, compared with the training data; is the unit the same?"});
    CHECK(fast == std::vector<std::string>{"200 rows per second, but the model was trained at 50"});
    REQUIRE(jump.size() == 1);
    CHECK(jump[0].find("time_ms jumps by 5020 milliseconds at line 42 of ") == 0);
    input.normalisation = {};
    CHECK(said(folder.path + "/milli.csv").empty()); // nothing is known of the training
}

TEST_CASE("a row is a sample if it has the numbers of one, else a moment") {
    const Folder folder;
    std::string beats = "label,t0,t1,t2,t3,t4,t5\n";
    for (int i = 0; i < 60; ++i) {
        beats += i % 2 ? "odd" : "even";
        for (int t = 0; t < 6; ++t) beats += text(",", fixed_decimals(0.25 * ((i * 7 + t * 5) % 11), 2));
        beats += "\n";
    }
    const Dataset set = load(folder.write("beats.csv", beats));
    REQUIRE(set.shape == Shape{1, 6, 1});
    const Unlabelled rows = read_recording(folder.path + "/beats.csv", input_for(set));
    CHECK(rows.samples.samples == 60);
    for (const Split* part : {&set.train, &set.validation, &set.test})
        for (std::size_t i = 0; i < part->samples; ++i) {
            const std::size_t row = part->sources[i].row - 2;
            const auto begin = rows.samples.values.begin() + std::ptrdiff_t(row * 6);
            CHECK(std::vector<std::int16_t>(begin, begin + 6) == sample<std::int16_t>(set, *part, i));
        }
    // The same numbers of a row without its label, and as six moments below each other.
    const Unlabelled alone =
        read_recording(folder.write("alone.csv", "t0,t1,t2,t3,t4,t5\n0,1.25,2.5,1,2.25,0.75\n"), input_for(set));
    const Unlabelled below =
        read_recording(folder.write("below.csv", "t\n0\n1.25\n2.5\n1\n2.25\n0.75\n"), input_for(set));
    CHECK(alone.lines == std::vector<Lines>{{2, 2}});
    CHECK(below.lines == std::vector<Lines>{{2, 7}});
    CHECK(alone.samples.values == below.samples.values);
    CHECK(alone.samples.values ==
          std::vector<std::int16_t>(rows.samples.values.begin(), rows.samples.values.begin() + 6));

    const std::string wide = folder.write("wide.csv", "t0,t1,t2,t3,t4,t5,t6,t7\n0,1,2,1,2,0,1,1\n");
    CHECK(error_of([&] { read_recording(wide, input_for(set)); }) ==
          wide + ": 8 columns of numbers (t0 t1 t2 t3 t4 t5 t6 t7); the model reads 1 channel of 6 moments: t");
}
