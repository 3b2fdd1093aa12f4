// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/deploy/folders.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::deploy;

TEST_CASE("a SPEC loses its folders, in its path and in its values, and nothing else") {
    CHECK(spec_without_folders("/home/ann/data/mnist") == "mnist");
    CHECK(spec_without_folders("../secret/mnist/,limit=100") == "mnist,limit=100");
    CHECK(spec_without_folders("/home/ann/a.csv,window=32,names=/home/ann/names.txt,columns=ax+ay") ==
          "a.csv,window=32,names=names.txt,columns=ax+ay");
    CHECK(spec_without_folders("/home/ann/a=b/c") == "c");
    CHECK(spec_without_folders("/home/ann\\,lee/mnist,gray") == "mnist,gray");
    CHECK(spec_without_folders("/home/ann/a.csv,label=speed km/h,columns=m/s+deg/s") ==
          "a.csv,label=speed km/h,columns=m/s+deg/s"); // names of columns, not of files
    for (const char* same : {"synthetic:strokes,samples=300", "mnist", "", ",", "a\\,b,merge=NEW:A+B", "/"})
        CHECK(spec_without_folders(same) == (same == std::string("/") ? "" : same));
}

TEST_CASE("a command line loses the folders of its words, quoted as they may be") {
    CHECK(command_without_folders("tinysparse train --data /home/ann/mnist,limit=9 --net 'C4k3 M2 F10' -o out/m.tsm") ==
          "tinysparse train --data mnist,limit=9 --net 'C4k3 M2 F10' -o m.tsm");
    CHECK(command_without_folders("tinysparse train --data='/home/ann lee/my set,size=8x8' --seed 1") ==
          "tinysparse train --data='my set,size=8x8' --seed 1");
    CHECK(command_without_folders("tinysparse train --data=/home/ann/x --teacher ../runs/a#17") ==
          "tinysparse train --data=x --teacher a#17");
    CHECK(command_without_folders("tinysparse train -o/home/ann/a.tsm -v") == "tinysparse train -oa.tsm -v");
    CHECK(command_without_folders("a 'it'\\''s /home/ann/x' b") == "a 'x' b");
    CHECK(command_without_folders("a $'/home/\\'ann\\x01/x y' b") == "a $'x y' b");
    CHECK(command_without_folders("a '/home/ann/open") == "a 'open");
    CHECK(command_without_folders("") == "");
    for (const char* same : {"tinysparse train --net 'C4k3 M2 F10'  --bits 4", "a '' b", "\\", "'", "$'\\"})
        CHECK(command_without_folders(same) == same);
}
