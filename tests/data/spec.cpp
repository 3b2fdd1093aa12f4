// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/spec.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

TEST_CASE("every key of a data text is understood") {
    const Request request =
        parse_spec("a/b,binary=0-4+7,size=14x10,gray,val=0.25,test=0.5,limit=100,images=i.gz,labels=l,"
                   "split=s,names=n,layout=ntc,label=kind,shape=3x8x9,window=64,stride=32,bits=12");
    CHECK(request.path == "a/b");
    CHECK(request.synthetic.empty());
    CHECK(request.binary == "0-4+7");
    CHECK(request.size == std::pair(14, 10));
    CHECK(request.gray);
    CHECK(request.validation == 0.25);
    CHECK(request.test == 0.5);
    CHECK(request.limit == 100);
    CHECK(request.images == "i.gz");
    CHECK(request.labels == "l");
    CHECK(request.split == "s");
    CHECK(request.names == "n");
    CHECK(request.layout == Layout::ntc);
    CHECK(request.label == "kind");
    CHECK(request.shape == Shape{3, 8, 9});
    CHECK(request.window == 64);
    CHECK(request.stride == 32);
    CHECK(request.bits == 12);
    const Request made = parse_spec("synthetic:strokes,samples=500,seed=18446744073709551615");
    CHECK(made.synthetic == "strokes");
    CHECK(made.samples == 500);
    CHECK(made.seed == 18446744073709551615ull);
    CHECK(parse_spec("x,shape=28x28").shape == Shape{1, 28, 28});
    CHECK_FALSE(parse_spec("x").validation);
}

TEST_CASE("keys of recordings, groups and columns") {
    const Request request = parse_spec("x,classes=a+b,merge=m:a+c,merge=n:d+e,group=*_user(*).csv,groups=g.txt,"
                                       "test_groups=2+4,val_groups=5,columns=ax+ay,skip=time+id,missing=hold");
    CHECK(request.classes == "a+b");
    CHECK(request.merge == std::vector<std::string>{"m:a+c", "n:d+e"});
    CHECK(request.group == "*_user(*).csv");
    CHECK(request.groups == "g.txt");
    CHECK(request.test_groups == std::vector<std::string>{"2", "4"});
    CHECK(request.val_groups == std::vector<std::string>{"5"});
    CHECK(request.columns == std::vector<std::string>{"ax", "ay"});
    CHECK(request.skip == std::vector<std::string>{"time", "id"});
    CHECK(request.missing == Missing::hold);
    CHECK(error_of([] { parse_spec("x,merge=a+b"); }) ==
          "data 'x,merge=a+b': merge=a+b: expected NEW:A+B, such as moving:walking+upstairs");
    CHECK(error_of([] { parse_spec("x,missing=zero"); }).find("expected error, skip or hold") != std::string::npos);
    CHECK(error_of([] { parse_spec("x,skip=a++b"); }).find("expected names with + between them") != std::string::npos);
}

TEST_CASE("a backslash before a comma makes it a part of the value; every other one stands for itself") {
    const Request request = parse_spec("C:\\data\\a\\,b,label=x\\,y\\z,val=0.2");
    CHECK(request.path == "C:\\data\\a,b");
    CHECK(request.label == "x,y\\z");
    CHECK(request.validation == 0.2);
}

TEST_CASE("what is wrong in a data text is named with what was expected") {
    const auto error = [](std::string_view spec) { return error_of([&] { parse_spec(spec); }); };
    CHECK(error("x,bianry=3") == "data 'x,bianry=3': unknown key 'bianry'; did you mean binary?");
    CHECK(
        error("x,frobnicate=3").find("unknown key 'frobnicate'; use one of binary, size, shrink, gray, pixels, val") !=
        std::string::npos);
    CHECK(error("") == "data '': begins with no path; expected PATH[,key=value...] or synthetic:NAME[,key=value...]");
    CHECK(error("synthetic:") != "no error");
    CHECK(error("x,") != "no error");
    CHECK(error("x,size=14") == "data 'x,size=14': size=14: expected height x width, such as 14x14");
    CHECK(error("x,val=1") == "data 'x,val=1': val=1: expected a share from 0 to below 1, such as 0.1");
    CHECK(error("x,val=10%").find("expected a share") != std::string::npos);
    CHECK(error("x,val=nan").find("expected a share") != std::string::npos);
    CHECK(error("x\ny,limit=5") ==
          "data 'x\\x0ay,limit=5': a path or value has the control character \\x0a; rename what "
          "it names");
    CHECK(error("x,label=a\tb").find("has the control character \\x09") != std::string::npos);
    CHECK(error("x,limit=0") == "data 'x,limit=0': limit=0: expected a whole number from 1");
    CHECK(error("x,limit=") == "data 'x,limit=': limit needs a value: limit=...");
    CHECK(error("x,gray=1") == "data 'x,gray=1': gray takes no value");
    CHECK(error("x,limit=3,limit=4") == "data 'x,limit=3,limit=4': limit is given twice");
    CHECK(error("x,layout=tnc") == "data 'x,layout=tnc': layout=tnc: expected nct or ntc");
    CHECK(error("x,shape=65535x65535") != "no error");
    CHECK(error("x,bits=7") == "data 'x,bits=7': bits=7: expected a whole number of 8 to 16");
    CHECK(error("x,bits=17") != "no error");
    CHECK(error("x,seed=1") == "data 'x,seed=1': seed= is for synthetic sets; for fewer samples of a file use limit=N");
    CHECK(error("synthetic:strokes,images=x") ==
          "data 'synthetic:strokes,images=x': images= is for files; a synthetic set has none");
}
