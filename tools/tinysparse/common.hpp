// SPDX-License-Identifier: Apache-2.0
// What the subcommands share: data sets and models by their names on the command line, output, interruption.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "arguments.hpp"
#include "sample_bytes.hpp"
#include "tinysparse/cost/target.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/spec.hpp"
#include "tinysparse/fixed/model.hpp"
#include "tinysparse/fixed/program.hpp"
#include "tinysparse/judge/confusion.hpp"
#include "tinysparse/nn/class_weights.hpp"

namespace tinysparse::cli {

/// The data that SPEC names, pictures included.
data::Dataset load_data(const std::string& spec);

/// The model that MODEL names: a model file, or RUN#ID or RUN#RULE for one of a run, see path_in_run().
fixed::Model load_model(const std::string& word);

/// A part that --split names, with the name that JSON gives the accuracy on it.
struct Part {
    std::string_view name, accuracy;
    data::Part part;
};
inline constexpr Part parts[] = {{"val", "validation_accuracy", data::Part::validation},
                                 {"test", "test_accuracy", data::Part::test}};

/// The option of the commands that take such a part, and what it was set to.
Option split_option();
const Part& part_of(const Arguments& arguments);
/// Throws Error if the part has no samples.
const data::Split& samples_of(const data::Dataset& set, const Part& part);

/// The options for a kind of error and for weights of classes, and what they were set to. `help`: what the kind is
/// for, without a full stop.
Option error_option(const std::string& help);
judge::ErrorKind error_kind(const Arguments& arguments);
/// The same for data; throws UsageError if the kind is none of their answers.
judge::ErrorKind error_kind(const Arguments& arguments, const data::Dataset& set);
Option class_weights_option();
nn::ClassWeights class_weights(const Arguments& arguments);
/// Throws UsageError if one of the options was given and the data's answers are numbers.
void refuse_for_numbers(const Arguments& arguments, const data::Dataset& set,
                        std::initializer_list<const char*> options);

/// How many of the part's samples are run: those of --samples (100), or all of them, which it says, if it has fewer.
std::size_t sample_count(const Arguments& arguments, const data::Split& part);

/// Throws Error if the answers are of another kind than the model's, or if a class (or number) of the data stands
/// elsewhere among the model's, whose answers would then go by wrong names; says so if a class has another name only.
void check_answers(const fixed::Model& model, const data::Dataset& set);
/// Throws Error unless the model takes this data's samples and answers with its classes or numbers.
void check_fits(const fixed::Model& model, const data::Dataset& set);

/// The request of a SPEC for a model, whose size, colours and camera pictures get unless the SPEC says others.
data::Request request_for(const fixed::Model& model, const std::string& spec);
/// The data that it names. If a table's rows are read in another shape than the model's, of as many numbers, they are
/// read again in the model's shape: models keep the shape that they were trained with. Throws what load_data() and
/// check_fits() throw.
data::Dataset load_data_for(const fixed::Model& model, data::Request request);
/// A part of them as a device takes it, from its camera if the model has one. The set must live as long. Throws Error
/// if the pictures are not of the size or the pixels that the model's camera gives.
simulator::SampleSource source_of(const fixed::Model& model, const data::Dataset& set, const Part& part,
                                  const data::Request& request);
/// The same for a model that was trained with these data.
simulator::SampleSource source_of(const data::Dataset& set, const Part& part, const data::Request& request);

/// What may be too large for a board when the program is exported for it, a sentence for each memory: more than it has
/// is predicted, or less than it has by no more than predictions are wrong. Only the linker knows, and for the stack a
/// run.
std::vector<std::string> doubts_of_size(const fixed::Model& model, const fixed::Program& program,
                                        const cost::Target& target);

/// The words of the notation that belong to one layer, in one cell of a table.
std::string layer_text(const net::Spec& spec, const net::Shapes& shapes, std::size_t index);

/// Writes lines for people to standard output, printable, and data for programs as they are. Both throw Error if that
/// fails (a full disk, a closed pipe).
void print(std::string_view text);
void print_data(std::string_view text);
/// Writes "tinysparse: " and the sentence to standard error, printable; further lines of it are set in.
void say(std::string_view sentence);
void say_all(const std::vector<std::string>& sentences);

/// The command line that these words were, for models and journals: a shell reads it back. Words with control
/// characters, direction marks or other than UTF-8 are written $'...', as bash and zsh have it.
std::string command_line(const std::vector<std::string>& words);

/// From here on SIGINT, SIGTERM and SIGHUP are noted, not obeyed; a second one ends the program at once, with status
/// 130.
void catch_signals();
bool interrupted();

inline constexpr int exit_interrupted = 130;

} // namespace tinysparse::cli
