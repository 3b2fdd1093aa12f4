// SPDX-License-Identifier: Apache-2.0
// SPECs and files that cannot be meant: each row names files of a small folder and keys, and the words of the refusal.
#include "helpers.hpp"
#include "tinysparse/data/load.hpp"
#include "tinysparse/data/npy.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;
using testing::error_of;
using testing::npy;

namespace {

struct Row {
    const char *spec, *words; ///< The SPEC below the folder.
};

void each_refuses(const testing::Folder& folder, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        CAPTURE(std::string(row.spec));
        const std::string error = error_of([&] { load(folder.path + "/" + row.spec, testing::support()); });
        CHECK_MESSAGE(error.find(row.words) != std::string::npos, error);
    }
}

} // namespace

TEST_CASE("what other commands wrote is called by its name, unless data lie there too") {
    const testing::Folder folder;
    const auto refused = [&](const std::string& file, const char* words) {
        const testing::Folder own;
        own.write(file, "x");
        own.write("notes.txt", "x");
        CHECK(error_of([&] { load(own.path); }) ==
              own.path + ": no data found here; " + words +
                  "; give the data set itself, such as the one that the network was trained on");
        own.write("t.csv", "a,b,label\n");
        CHECK(error_of([&] { load(own.path); }).find("there is a header but no row of data") != std::string::npos);
    };
    refused("journal.jsonl", "it is the folder of a run, which tinysparse front shows");
    refused("library.properties", "it is an Arduino library, such as tinysparse export writes");
    refused("main.cpp", "it is a program, such as tinysparse export writes");
    folder.write("m.tsm", "tsmodel");
    each_refuses(folder,
                 {{"m.tsm", "m.tsm: .tsm is not read; it is a model, which tinysparse show prints; give a data set"},
                  {"", "m.tsm: .tsm is not read; it is a model"},
                  {"run#3", "no such file or folder; expected a folder with data, or synthetic:strokes; RUN#ID "
                            "names a model, not data"}});
}

TEST_CASE("tables: keys and files that cannot be meant") {
    const testing::Folder folder;
    std::string rows = "who,a,b,label\n";
    for (int i = 0; i < 24; ++i) rows += text(i / 4, ",", i, ",", i * i % 7, ",", i % 2 ? "up" : "down", "\n");
    folder.write("t.csv", rows);
    folder.write("two.csv", "a,b,label\n1,2,x\n3,4,y\n");
    folder.write("empty.csv", "");
    folder.write("header.csv", "a,b,label\n");
    folder.write("one.csv", "a\n1\n2\n");
    folder.write("ragged.csv", "a,b,label\n1,2,x\n3,4\n");
    folder.write("unlabelled.csv", "a,b,label\n1,2,\n3,4,\n");
    each_refuses(folder, {{"t.csv,seed=-1", "a whole number from 0"},
                          {"t.csv,test=0", "a share above 0; there is always a test part"},
                          {"t.csv,test=1", "a share from 0 to below 1"},
                          {"t.csv,shape=3", "height x width or channels x height x width"},
                          {"t.csv,columns=a+a", "columns= names it twice"},
                          {"t.csv,label=label,group=label", "it is the label and the group"},
                          {"t.csv,window=2,shape=1x2x1", "window= says the shape; leave shape= and layout= out"},
                          {"t.csv,group=who,test=0.3,test_groups=1", "give test= or test_groups=, not both"},
                          {"t.csv,group=who,val=0.3,val_groups=1", "give val= or val_groups=, not both"},
                          {"t.csv,group=who,test_groups=1+2,val_groups=2", "group 2 is in test_groups= too"},
                          {"t.csv,test_groups=1", "needs groups"},
                          {"two.csv,test=0.1", "too few samples: 2 to train and 0 to test"},
                          {"empty.csv", "the file has no rows"},
                          {"header.csv", "there is a header but no row of data"},
                          {"one.csv", "one column, expected a label and at least one number"},
                          {"ragged.csv", "2 fields, the first row has 3"},
                          {"unlabelled.csv", "no row has a label"},
                          {"t.csv,binary=up+down", "names every class"},
                          {"t.csv,missing=no", "error, skip or hold"},
                          {"t.csv,task=classes", "classes need no task="},
                          {"t.csv,rate=0", "moments per second, above 0"},
                          {"t.csv,rate=fast", "moments per second, above 0"},
                          {"t.csv,layout=tcn", "nct or ntc"}});
}

TEST_CASE("arrays: keys and files that cannot be meant") {
    const testing::Folder folder;
    const std::string bytes = testing::counting(20);
    std::string labels;
    for (int i = 0; i < 20; ++i) labels += char(i % 2);
    folder.write("x.npy", npy("|u1", "(20, 1, 1)", bytes));
    folder.write("y.npy", npy("|u1", "(20,)", labels));
    folder.write("wide.npy", npy("|u1", "(10, 2)", labels));
    folder.write("deep.npy", npy("|u1", "(5, 2, 2)", labels));
    folder.write("none.npy", npy("|u1", "(20,)", std::string(20, char(1))));
    folder.write("groups.txt", "a\nb\nc\n");
    std::string parts, each;
    for (int i = 0; i < 20; ++i) {
        parts += char(i % 3);
        each += text(i / 2, "\n");
    }
    folder.write("parts.npy", npy("|u1", "(20,)", parts));
    folder.write("each.txt", each);
    folder.write("many.npy", npy("|u1", "(20, 300)", std::string(6000, char(1))));
    folder.write("notes.txt", "neither one nor the other");
    folder.write("README.md", "about");
    each_refuses(folder,
                 {{"x.npy", "one file of samples needs its labels: labels=FILE"},
                  {"README.md", "README.md: this kind of file is not known; see docs/data.md"},
                  {"x.npy,labels=y.npy,images=x.npy", "the path is a file already; leave images= out"},
                  {",images=x.npy", "images= and labels= go together"},
                  {",split=y.npy", "split= needs images= and labels= too"},
                  {",images=x.npy,labels=y.npy,split=none.npy", "no entry is 0, so there is nothing to train on"},
                  {"x.npy,labels=wide.npy", "the labels are an array of 10x2"},
                  {"x.npy,labels=deep.npy,task=regression", "the target numbers are an array of 5x2x2"},
                  {"x.npy,labels=wide.npy,task=regression", "target numbers for 10 samples"},
                  {"x.npy,labels=many.npy,task=regression", "300 target numbers for each sample"},
                  {",images=x.npy,labels=y.npy,split=parts.npy,val=0.1", "a validation part of their own; leave val="},
                  {",images=x.npy,labels=y.npy,split=parts.npy,groups=each.txt,test_groups=1",
                   "a test part of their own; leave test_groups= out"},
                  {",images=x.npy,labels=y.npy,split=parts.npy,groups=each.txt,val_groups=1",
                   "a validation part of their own; leave val_groups= out"},
                  {",images=x.npy,labels=y.npy,groups=groups.txt", "3 lines for 20 samples"},
                  {"x.npy,labels=y.npy,group=who", "for arrays groups=FILE has a line for each sample"},
                  {"x.npy,labels=notes.txt", "expected the mark of an IDX file"}});
}

TEST_CASE("npy: headers that cannot be meant") {
    const auto error = [](const std::string& shape, std::string_view body = "") {
        return error_of([&] { parse_npy(npy("|u1", shape, body), "f"); });
    };
    CHECK(error("600").find("expected 1 to 4 lengths") != std::string::npos);
    CHECK(error("(1, 1, 1, 1, 1)", "x").find("expected 1 to 4 lengths") != std::string::npos);
    CHECK(error("(x,)").find("expected 1 to 4 lengths") != std::string::npos);
    std::string nameless = npy("|u1", "(1,)", "x");
    nameless.replace(nameless.find("'shape'"), 7, "'shade'");
    CHECK(error_of([&] { parse_npy(nameless, "f"); }) == "f: the npy header has no 'shape'");
    CHECK(error_of([&] { parse_npy(nameless.substr(0, 40), "f"); }).find("f: ") == 0);
}
