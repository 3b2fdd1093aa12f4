// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/picture_files.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

namespace {
/// "part class file" of each picture.
std::vector<std::string> lines_of(const PictureFiles& found, const std::string& folder) {
    std::vector<std::string> lines;
    for (const PictureFile& file : found.pictures)
        lines.push_back(std::to_string(int(file.part)) + " " + file.class_name + " " +
                        file.path.substr(folder.size() + 1));
    return lines;
}
using Sentences = std::vector<std::string>;
} // namespace

TEST_CASE("a folder for each class, with parts above them or not; endings in any case") {
    const Folder plain;
    for (const char* name : {"cat/2.JPG", "cat/1.png", "dog/3.Jfif", "dog/4.pam", "dog/.hidden.png"})
        plain.write(name, "");
    CHECK(lines_of(picture_files(plain.path), plain.path) ==
          Sentences{"0 cat cat/1.png", "0 cat cat/2.JPG", "0 dog dog/3.Jfif", "0 dog dog/4.pam"});
    const Folder parts;
    for (const char* name : {"train/cat/1.png", "Test/dog/2.png", "valid/cat/3.png"}) parts.write(name, "");
    CHECK(lines_of(picture_files(parts.path), parts.path) ==
          Sentences{"2 dog Test/dog/2.png", "0 cat train/cat/1.png", "1 cat valid/cat/3.png"});
}

TEST_CASE("folders that are too deep, and pictures in no class, are named with their number") {
    const Folder folder;
    for (const char* name : {"cat/1.png", "cat/more/2.png", "cat/more/still/3.webp", "dog/4.png", "5.png", "6.gif"})
        folder.write(name, "");
    tinysparse::make_folder(folder.path + "/hen");
    tinysparse::make_folder(folder.path + "/cat/empty");
    CHECK(picture_files(folder.path).warnings ==
          Sentences{folder.path +
                        "/cat/more: this folder lies too deep; 2 pictures were left out with it; move them up "
                        "into a folder of a class",
                    folder.path + "/hen: no pictures in this folder",
                    folder.path + ": 2 pictures were left out, lying in no folder of a class"});
}

TEST_CASE("folders beside train and test are named") {
    const Folder folder;
    for (const char* name : {"train/cat/1.png", "train/dog/2.png", "test/3.png", "extra/cat/4.png", "extra/cat/5.png",
                             "notes/list.txt", "6.png", "train/7.png"})
        folder.write(name, "");
    const PictureFiles found = picture_files(folder.path);
    CHECK(lines_of(found, folder.path) == Sentences{"0 cat train/cat/1.png", "0 dog train/dog/2.png"});
    CHECK(found.warnings ==
          Sentences{folder.path + "/train: 1 picture was left out, lying in no folder of a class",
                    folder.path + ": 1 picture was left out, lying in no part",
                    folder.path + "/extra: this folder was left out, since it lies beside train; 2 "
                                  "pictures were left out with it",
                    folder.path + "/test: this folder was left out, since no folders of classes lie in "
                                  "it; 1 picture was left out with it"});
    CHECK(found.notes == Sentences{folder.path + "/notes: this folder was left out, since it lies beside train"});
}

TEST_CASE("parts without classes are no classes") {
    const Folder folder;
    for (const char* name : {"train/1.png", "test/2.png"}) folder.write(name, "");
    CHECK(error_of([&] { picture_files(folder.path); }) ==
          folder.path +
              ": its folder test holds pictures without folders of classes; make a folder in it for each class");
}

TEST_CASE("files of other kinds are counted by ending; texts about the data are not") {
    const Folder folder;
    for (const char* name : {"cat/1.png", "dog/2.png", "dog/a.gif", "cat/b.GIF", "cat/Thumbs.db", "cat/c.xml",
                             "dog/d.xml", "dog/README", "dog/about.md"})
        folder.write(name, "");
    folder.write("dog/e.webp", "P1 1 1 0");
    const PictureFiles found = picture_files(folder.path);
    CHECK(found.pictures.size() == 3);
    CHECK(found.unread == std::map<std::string, std::size_t>{{".gif", 2}});
    CHECK(found.renamed == std::map<std::string, std::size_t>{{".webp", 1}});
    CHECK(found.other == std::map<std::string, std::size_t>{{".db", 1}, {".xml", 2}});
    CHECK(found.warnings ==
          Sentences{"2 pictures were left out: 2 .gif; only PNG, JPEG, BMP and PNM (PBM, PGM, PPM, PAM) "
                    "are read, convert the others to PNG or JPEG"});
}

TEST_CASE("pictures where none are looked for") {
    const Folder folder;
    CHECK(misplaced_pictures(folder.path) == "");
    folder.write("unpacked/photos/cat/1.jpg", "");
    CHECK(misplaced_pictures(folder.path) == "pictures lie too deep, in " + folder.path +
                                                 "/unpacked; name the folder in which the folders of classes lie");
    CHECK(misplaced_pictures(folder.path + "/unpacked") ==
          "pictures lie deeper; name the folder " + folder.path + "/unpacked/photos");
    CHECK(is_picture_folder(folder.path + "/unpacked/photos"));
    folder.write("1.jpg", "");
    folder.write("2.heic", "");
    CHECK(misplaced_pictures(folder.path) ==
          "2 pictures lie here without folders of classes; make a folder in it for each class");
}

TEST_CASE("folders of kinds that are not read are picture folders only if asked") {
    const Folder folder;
    folder.write("cat/1.webp", "");
    CHECK_FALSE(is_picture_folder(folder.path));
    CHECK(is_picture_folder(folder.path, true));
    folder.write("train/dog/1.bmp", "");
    CHECK(is_picture_folder(folder.path));
}
