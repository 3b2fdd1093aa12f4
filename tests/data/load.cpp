// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/load.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;
using namespace testing;

namespace {
/// A folder like MNIST's: `train` and `test` pictures of 2x2 whose pixels are all the number of the sample.
void write_mnist_like(const Folder& folder, std::uint32_t train, std::uint32_t test) {
    for (const auto& [name, count] : {std::pair("train", train), {"t10k", test}}) {
        std::string pixels, labels;
        for (std::uint32_t i = 0; i < count; ++i) {
            pixels += std::string(4, char(i));
            labels += char(i % 3);
        }
        folder.write(std::string(name) + "-images-idx3-ubyte", idx(8, {count, 2, 2}, pixels));
        folder.write(std::string(name) + "-labels.idx1-ubyte", idx(8, {count}, labels));
    }
}
} // namespace

TEST_CASE("a folder of IDX files becomes three parts, the same ones every time") {
    const Folder folder;
    write_mnist_like(folder, 60, 9);
    const Dataset set = load(folder.path);
    CHECK(set.name == folder.path);
    CHECK(set.shape == Shape{1, 2, 2});
    CHECK(set.classes() == 3);
    CHECK(set.train.samples == 54);
    CHECK(set.validation.samples == 6);
    CHECK(set.test.samples == 9);
    CHECK(class_counts(set.validation, 3) == std::vector<std::size_t>{2, 2, 2});
    for (std::size_t i = 0; i < 54; ++i) CHECK(set.train.pixels[4 * i] % 3 == set.train.labels[i]);
    CHECK(set.digest == digest_of(set));
    CHECK(load(folder.path).digest == set.digest);
    CHECK(set.notes.empty());
}

TEST_CASE("limit leaves validation and test as they are, binary changes labels alone") {
    const Folder folder;
    write_mnist_like(folder, 60, 9);
    const Dataset all = load(folder.path), some = load(folder.path + ",limit=9,binary=0+2,size=1x1");
    CHECK(some.train.samples == 9);
    CHECK(some.shape == Shape{1, 1, 1});
    CHECK(some.validation.samples == 6);
    CHECK(some.class_names == std::vector<std::string>{"rest", "0+2"});
    for (std::size_t i = 0; i < 6; ++i) {
        CHECK(some.validation.pixels[i] == all.validation.pixels[4 * i]);
        CHECK(some.validation.labels[i] == (all.validation.labels[i] != 1));
    }
    CHECK(load(folder.path + ",val=0").validation.samples == 0);
    CHECK(load(folder.path + ",val=0.5").train.samples == 30);
}

TEST_CASE("a validation part that was asked for is said to take the place of folds if it is small") {
    const Folder folder;
    write_mnist_like(folder, 60, 9);
    CHECK(has(load(folder.path + ",val=0.5").notes, "val= is given: a search judges networks by the 30 validation "
                                                    "samples alone; without val= it would judge them by folds of 60 "));
    for (const char* keys : {"", ",val=0"}) CHECK(load(folder.path + keys).notes.empty());
    write_mnist_like(folder, 3000, 9);
    CHECK(load(folder.path + ",val=0.5").notes.empty()); // 1,500 samples are enough
    write_mnist_like(folder, 20000, 9);
    CHECK(load(folder.path + ",val=0.05").notes.empty()); // the default share would have no folds either
}

TEST_CASE("one part alone gives up a test part; a split file deals the samples out") {
    const Folder folder;
    folder.write("images.npy", npy("|u1", "(20, 1, 2)", counting(40)));
    folder.write("labels.npy", npy("<i8", "(20,)", [] {
                     std::string out;
                     for (std::uint64_t i = 0; i < 20; ++i) out += little_endian(i % 2, 8);
                     return out;
                 }()));
    const Dataset set = load(folder.path);
    CHECK(set.test.samples == 4);
    CHECK(set.validation.samples == 2);
    CHECK(set.train.samples == 14);
    REQUIRE(set.notes.size() == 1);
    CHECK(set.notes[0] == "the data have no test part; 4 samples were split off, stratified (test=0.2)");
    CHECK(load(folder.path + ",test=0.5").test.samples == 10);
    CHECK(load(folder.path + "/images.npy,labels=labels.npy").digest == set.digest);

    std::string parts(20, '\0');
    parts[3] = 1;
    parts[4] = 2;
    parts[5] = 2;
    folder.write("split.npy", npy("|u1", "(20,)", parts));
    const Dataset dealt = load(folder.path + ",images=images.npy,labels=labels.npy,split=split.npy");
    CHECK(dealt.train.samples == 17);
    CHECK(dealt.validation.pixels == std::vector<std::uint8_t>{6, 7});
    CHECK(dealt.test.pixels == std::vector<std::uint8_t>{8, 9, 10, 11});
    CHECK(dealt.test.labels == std::vector<std::uint8_t>{0, 1});
    parts[0] = 3;
    folder.write("split.npy", npy("|u1", "(20,)", parts));
    CHECK(error_of([&] { load(folder.path); }) ==
          folder.path + "/split.npy: entry 0 is 3, expected 0, 1 or 2 (train, validation, test)");
    folder.write("split.npy", npy("|u1", "(2,)", "ab"));
    CHECK(error_of([&] { load(folder.path); }) == folder.path + "/split.npy: 2 entries for 20 samples");
}

TEST_CASE("a folder with more than one candidate lists them, one with none says what was expected") {
    const Folder folder;
    CHECK(error_of([&] { load(folder.path); }).find(folder.path + ": no data found here; expected IDX files") == 0);
    folder.write("a-images-idx3-ubyte", idx(8, {1, 1, 1}, "x"));
    folder.write("a-labels-idx1-ubyte", idx(8, {1}, std::string(1, '\0')));
    folder.write("b-images-idx3-ubyte", idx(8, {1, 1, 1}, "x"));
    CHECK(error_of([&] { load(folder.path); }) ==
          folder.path +
              ": more than one data set lies here; choose one: "
              "images=a-images-idx3-ubyte,labels=a-labels-idx1-ubyte; images=b-images-idx3-ubyte,labels=FILE");
    CHECK(error_of([&] {
              load(folder.path + ",images=b-images-idx3-ubyte");
          }).find("images= and labels= go together") != std::string::npos);
    std::filesystem::remove(folder.path + "/a-images-idx3-ubyte");
    CHECK(error_of([&] { load(folder.path); }) ==
          folder.path + "/b-images-idx3-ubyte: no labels for it lie beside it; name them with "
                        "images=b-images-idx3-ubyte,labels=FILE");
    CHECK(error_of([&] { load(folder.path + "/none"); }) ==
          folder.path + "/none: no such file or folder; expected a folder with data, or synthetic:strokes");
}

TEST_CASE("CSV: rows as pictures, rows as series, windows of a recording, files for each part") {
    const Folder folder;
    std::string train = "label,a,b,c,d\n", test = train;
    for (int i = 0; i < 30; ++i) {
        train += (i % 2 ? "up," : "down,") + std::to_string(i) + ",1,2,250\n";
        if (i < 6) test += (i % 2 ? "up," : "down,") + std::to_string(i) + ",1,2,3\n";
    }
    folder.write("train.csv", train);
    folder.write("test.csv", test);
    const Dataset pictures = load(folder.path + ",shape=2x2");
    CHECK_FALSE(pictures.is_series());
    CHECK(pictures.shape == Shape{1, 2, 2});
    CHECK(pictures.class_names == std::vector<std::string>{"down", "up"});
    CHECK(pictures.test.pixels[4] == 1);
    const Dataset series = load(folder.path);
    CHECK(series.is_series());
    CHECK(series.shape == Shape{4, 1, 1});
    CHECK(series.test.values[7] == 3);
    CHECK(series.normalisation.offset.size() == 4);

    std::string recording;
    for (int i = 0; i < 400; ++i)
        recording += std::to_string(i % 200) + "," + std::to_string(-(i % 200)) + (i / 50 % 2 ? ",walk\n" : ",sit\n");
    const std::string file = folder.write("recording.csv", recording);
    const Dataset windows = load(file + ",label=last,window=10,stride=5,test=0.25");
    CHECK(windows.shape == Shape{2, 10, 1});
    CHECK(windows.train.samples + windows.validation.samples + windows.test.samples == 8 * 9); // 8 stretches of 50
    CHECK(windows.group_names.size() == 8);
    CHECK(windows.group_names[1] == "recording.csv lines 51 to 100");
    for (int t = 1; t < 10; ++t) { // time runs on within a window, the second channel is the first one's opposite
        CHECK(windows.test.values[std::size_t(t)] == windows.test.values[0] + t);
        CHECK(windows.test.values[std::size_t(10 + t)] == -windows.test.values[std::size_t(t)]);
    }
    CHECK(error_of([&] { load(folder.path); }).find(": more than one data set lies here; choose one: ") !=
          std::string::npos);
}

TEST_CASE("CIFAR-10 batches, also in the folder of the official archive") {
    const Folder folder;
    for (const char* name : {"data_batch_1.bin", "test_batch.bin"}) {
        std::string bytes;
        for (int i = 0; i < 20; ++i) bytes += char(i % 10) + counting(3072);
        folder.write(std::string("cifar-10-batches-bin/") + name, bytes);
    }
    const Dataset set = load(folder.path + ",gray");
    CHECK(set.shape == Shape{1, 32, 32});
    CHECK(set.train.samples + set.validation.samples == 20);
    CHECK(set.test.samples == 20);
    CHECK(set.notes == std::vector<std::string>{
                           folder.path + "/cifar-10-batches-bin: 1 of the 5 training batches of CIFAR-10 lie here"});
    CHECK(load(folder.path + "/cifar-10-batches-bin/test_batch.bin").test.samples == 4);
}

TEST_CASE("keys that mean nothing for the data are refused") {
    const Folder folder;
    write_mnist_like(folder, 60, 9);
    const auto error = [&](const std::string& keys) { return error_of([&] { load(folder.path + keys); }); };
    const std::string start = "data '" + folder.path;
    CHECK(error(",label=last") == start + ",label=last': label= is for tables and recordings");
    CHECK(error(",test=0.1") == start + ",test=0.1': the data have a test part of their own; leave test= out");
    CHECK(error(",layout=nct,gray") == start + ",layout=nct,gray': gray is for pictures; these are series");
    CHECK(error(",layout=nct,size=4x4") ==
          start + ",layout=nct,size=4x4': series have width 1; to average in time use size=4x1");
    CHECK(error(",bits=12") == start + ",bits=12': bits= is for folders of pictures that have samples of 16 bits");
    CHECK(error(",binary=0-9").find("is no class or range of classes") != std::string::npos);
    CHECK(error(",names=none") == folder.path + "/none: cannot read: No such file or directory");
}

TEST_CASE("pictures that are not where or what they should be") {
    const Folder folder;
    for (const char* name : {"deep/photos/cat/1.png", "flat/1.jpg", "webp/cat/1.webp", "npz/plot.png"})
        folder.write(name, "");
    folder.write("npz/data.npz", "");
    const auto error = [&](const std::string& name) { return error_of([&] { load(folder.path + "/" + name); }); };
    const std::string start = folder.path + "/";
    CHECK(error("deep") ==
          start + "deep: no data found here; pictures lie deeper; name the folder " + start + "deep/photos");
    CHECK(error("flat") == start + "flat: no data found here; 1 picture lies here without folders of classes; make a "
                                   "folder in it for each class");
    CHECK(error("npz") == start + "npz: no data found here; data.npz: .npz is not read; save its arrays as x_train.npy "
                                  "and y_train.npy");
    for (const char* file : {"flat/1.jpg", "webp/cat/1.webp"})
        CHECK(error(file) ==
              "data '" + start + file +
                  "': is one picture; expected a folder with a folder of pictures for each class (tinysparse "
                  "classify takes single pictures)");
    if (!TINYSPARSE_TEST_IMAGES) return;
    const auto image_error = [&](const std::string& name) {
        return error_of([&] { load(folder.path + "/" + name, support()); });
    };
    CHECK(image_error("webp").find(start + "webp: the pictures in the folder cat are 1 .webp; ") == 0);
    for (const char* file : {"parts/test/cat/1.pgm", "parts/test/dog/1.pgm"}) folder.write(file, "P5\n1 1\n255\n\x10");
    CHECK(image_error("parts") == "data '" + start +
                                      "parts': there is no training part; put it beside the part that is here, or name "
                                      "the folder of this part itself, whose samples are then divided");
}

TEST_CASE("synthetic sets are loaded by name") {
    const Dataset set = load("synthetic:strokes,samples=200,seed=3,val=0.2");
    CHECK(set.train.samples == 128);
    CHECK(set.validation.samples == 32);
    CHECK(set.test.samples == 40);
    CHECK(load("synthetic:strokes,samples=200,seed=3,val=0.2").digest == set.digest);
    CHECK(load("synthetic:strokes,samples=200,seed=4,val=0.2").digest != set.digest);
    CHECK(load("synthetic:textures,samples=80,size=14x14").shape == Shape{1, 14, 14});
    CHECK(error_of([] { load("synthetic:stroke"); }) ==
          "data 'synthetic:stroke': unknown synthetic set 'stroke'; did you mean strokes?");
    CHECK(error_of([] { load("synthetic:strokes,samples=3"); }) != "no error");
}

TEST_CASE("what would take gigabytes is refused with its size, before it is tried") {
    CHECK(error_of([] { load("synthetic:strokes,samples=2000,size=4096x4096"); }) ==
          "data 'synthetic:strokes,samples=2000,size=4096x4096': size=4096x4096: 2000 samples of 16777216 bytes would "
          "take 31.2 GiB of memory, at most 4 are possible; take a smaller size, or fewer samples");
    CHECK(
        error_of([] { load("synthetic:strokes,samples=10000000"); }) ==
        "data 'synthetic:strokes,samples=10000000': samples=10000000: 10000000 samples of 784 bytes would take 7.3 GiB "
        "of memory, at most 4 are possible; take fewer");
    CHECK(error_of([] { load("synthetic:textures,samples=1000000000"); }).find("expected 20 to 10000000") !=
          std::string::npos);
    const Folder folder;
    std::string rows = "ax,ay,label\n";
    for (int i = 0; i < 100000; ++i) rows += text(i % 7, ",", i % 5, ",", i < 50000 ? "u\n" : "v\n");
    const std::string path = folder.write("a.csv", rows);
    const std::string window = path + ",window=25000,stride=1,group=file";
    CHECK(error_of([&] { load(window); }).find("window=25000: 50002 samples of 200000 bytes would take 9.3 GiB") !=
          std::string::npos);
    CHECK(error_of([&] { load(path + ",window=100000000"); }).find("use a shorter window") != std::string::npos);
    CHECK(error_of([&] {
              load(path + ",window=4,stride=1,size=65535x1");
          }).find("size=65535x1: 99994 samples of 262140 bytes would take 24.4 GiB") != std::string::npos);
    // A file that announces more than it holds takes no memory either.
    const std::string huge = folder.write("x-images-idx3-ubyte", idx(8, {0xffffffff, 0xffff, 0xffff}, "x"));
    CHECK(error_of([&] { load(huge + ",labels=a.csv"); }).find("header announces more than 2^62 bytes") !=
          std::string::npos);
    const std::string array = folder.write("y.npy", npy("<f8", "(4000000000, 4000000000, 64)", "x"));
    CHECK(error_of([&] { load(array + ",labels=a.csv"); }).find(array) != std::string::npos);
}

TEST_CASE("classes whose names have control characters are refused, wherever they come from") {
    const Folder folder;
    write_mnist_like(folder, 60, 9);
    folder.write("names.txt", "one\ntw\to\nthree\n");
    CHECK(error_of([&] { load(folder.path + ",names=names.txt"); }) ==
          folder.path + ",names=names.txt: class 2: 'tw\\x09o' has the control character \\x09; rename it");
    for (const char* name : {"wave\x1b[2J", "idle"})
        for (int file = 0; file < 3; ++file)
            folder.write(text("recordings/", name, "/", file, ".csv"), "ax\n1\n2\n3\n4\n");
    CHECK(error_of([&] { load(folder.path + "/recordings"); }).find("'wave\\x1b[2J' has the control character \\x1b") !=
          std::string::npos);
#if TINYSPARSE_TEST_IMAGES
    const std::string picture = "P5\n2 2\n255\nabcd";
    for (const char* name : {"pictures/a/1.pgm", "pictures/a/2.pgm", "pictures/b/1.pgm", "pictures/b/2\n.pgm"})
        folder.write(name, picture);
    CHECK(error_of([&] {
              load(folder.path + "/pictures,val=0,test=0.5", support());
          }).find("'b/2\\x0a.pgm' has the control character \\x0a") != std::string::npos);
#endif
}

#if TINYSPARSE_TEST_IMAGES
TEST_CASE("real data: MNIST, Chars74K and UCI HAR as published") {
    if (const std::string mnist = real_data("mnist"); !mnist.empty()) {
        const Dataset set = load(mnist + ",val=0", support());
        CHECK(set.shape == Shape{1, 28, 28});
        CHECK(class_counts(set.train, 10) == // published counts
              std::vector<std::size_t>{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949});
        CHECK(class_counts(set.test, 10) ==
              std::vector<std::size_t>{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009});
    } else {
        MESSAGE("skipped: no MNIST; set TINYSPARSE_DATA to a folder that has mnist/");
    }
    if (const std::string chars = real_data("chars74k"); !chars.empty()) {
        CHECK(error_of([&] { load(chars, support()); }).find("more than one data set lies here") != std::string::npos);
        const Dataset set =
            load(chars + ",images=goodimg-gray28-images-idx3-ubyte.gz,labels=goodimg-labels-idx1-ubyte.gz,"
                         "split=goodimg-split-idx1-ubyte.gz",
                 support());
        CHECK(set.train.samples == 4623);
        CHECK(set.validation.samples == 1541);
        CHECK(set.test.samples == 1541);
        CHECK(set.classes() == 62);
        const Dataset colour = load(
            chars + ",images=goodimg36-rgb32-images-idx4-ubyte.gz,labels=goodimg36-labels-idx1-ubyte.gz", support());
        CHECK(colour.shape == Shape{3, 32, 32});
    } else {
        MESSAGE("skipped: no Chars74K; set TINYSPARSE_DATA to a folder that has chars74k/");
    }
    if (const std::string har = real_data("uci-har-subset"); !har.empty()) {
        const Dataset set = load(har + ",val=0", support());
        CHECK(set.shape == Shape{9, 128, 1});
        CHECK(class_counts(set.train, 6) == std::vector<std::size_t>{400, 350, 322, 420, 449, 459});
        CHECK(class_counts(set.test, 6) == std::vector<std::size_t>{160, 152, 135, 158, 172, 173});
        // Gravity, 4096 steps a g, lies along the first axis of total acceleration: 1 g standing.
        double sum = 0;
        std::size_t standing = 0;
        for (std::size_t i = 0; i < set.train.samples; ++i)
            if (set.train.labels[i] == 4) sum += set.train.values[(i * 9 + 6) * 128], ++standing;
        CHECK(sum / double(standing) / 4096 == doctest::Approx(1).epsilon(0.05));
    } else {
        MESSAGE("skipped: no UCI HAR; set TINYSPARSE_DATA to a folder that has uci-har-subset/");
    }
}
#endif
