// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/judged.hpp"
#include "fake.hpp"
#include "host.hpp"
#include "load_data.hpp"
#include "number_set.hpp"
#include "small_model.hpp"
#include "tinysparse/search/evaluate.hpp"
#include "tinysparse/search/search.hpp"
#include <set>

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

/// A network of the default genome, trained for one short trial, judged and tested.
struct Member {
    const data::Dataset& set;
    RunHead head;
    Evaluator evaluator;
    Folder folder;
    Record record;

    Member(const data::Dataset& of, const std::string& name, int epochs = 1) : set(of), folder(name) {
        if (set.answers_numbers()) head.error = judge::ErrorKind::rmse;
        describe(head, {}, set);
        evaluator = make_evaluator(set, head, cost::target("uno"), "test");
        make_folder(folder.path() + "/models");
        record.trial.number = 3;
        record.trial.seed = 5;
        record.trial.epochs = record.trial.line_epochs = epochs;
        record.trial.folds = std::max<std::size_t>(1, head.folds);
        record.trial.key = space::key(record.trial.genome, head.space);
        record.outcome = evaluator.evaluate(record.trial, {path(), std::nullopt, {}}, [] { return false; });
        record.feasible = true;
    }
    std::string path() const { return model_path(folder.path(), 3); }
    Judged judged() const {
        evaluator.test(record, deployed_path(folder.path(), record));
        return evaluator.judge(record, path());
    }
    fixed::Model model(std::size_t fold = 0) const { return fixed::load_model(fold_path(path(), fold)); }
};

/// Counts of what the integer kernels answer.
judge::ConfusionMatrix counted(const fixed::Network& network, const data::Split& part, std::size_t classes) {
    judge::ConfusionMatrix counts(classes);
    const std::vector<std::uint8_t> answers = host_classes(network, part);
    for (std::size_t i = 0; i < part.samples; ++i) counts.add(part.labels[i], answers[i]);
    return counts;
}

std::string written(const Judged& judged) { return json::write(to_json(judged)); }

/// The error with which the file's text is refused.
std::string refusal(const std::string& content, const RunHead& head = {}) {
    const Folder folder("judged_refused");
    make_folder(folder.path());
    write_file(judged_path(folder.path()), content);
    try {
        read_judged(folder.path(), head);
    } catch (const Error& error) {
        const std::string words = error.what();
        CHECK(words.starts_with(judged_path(folder.path())));
        return words.substr(judged_path(folder.path()).size());
    }
    return "taken";
}

} // namespace

TEST_CASE("the counts of a member are those of the integer kernels on the validation and the test part") {
    const data::Dataset set = load_data("synthetic:strokes,samples=400,val=0.2");
    const Member member(set, "judged_validation");
    CHECK(member.head.folds == 0);
    const Judged judged = member.judged();
    REQUIRE(judged.members.size() == 1);
    const JudgedMember& own = judged.members[0];
    const fixed::Network network = member.model().network;
    CHECK(*own.validation.counts == counted(network, set.validation, set.classes()));
    CHECK(own.validation.samples == set.validation.samples);
    REQUIRE(own.test);
    CHECK(*own.test->counts == counted(network, set.test, set.classes()));
    CHECK(judge::accuracy(*own.validation.counts) == *member.record.outcome.validation_accuracy);
    CHECK(judged.class_names == set.class_names);
    CHECK(judged.of(member.record) == &own);
    Record other = member.record;
    other.outcome.weights_digest = 1; // another training under the same number
    CHECK(judged.of(other) == nullptr);
}

TEST_CASE("a member that was not tested has no counts of the test part") {
    const data::Dataset set = load_data("synthetic:strokes,samples=200,val=0.2");
    const Member member(set, "judged_untested");
    const Judged judged = member.evaluator.judge(member.record, member.path());
    CHECK_FALSE(judged.members.at(0).test);
}

TEST_CASE("wrong samples are wrong, at most twelve, the most certain first, with the input of the data") {
    const data::Dataset set = load_data("synthetic:strokes,samples=400,val=0.2");
    const Member member(set, "judged_wrong");
    const Judged judged = member.judged();
    const std::vector<WrongSample>& wrong = judged.members.at(0).wrong;
    const fixed::Network network = member.model().network;
    const std::vector<std::uint8_t> answers = host_classes(network, set.validation);
    std::size_t all = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) all += answers[i] != set.validation.labels[i];
    REQUIRE(all > most_wrong_samples); // one epoch is too short
    REQUIRE(wrong.size() == most_wrong_samples);
    Host host(network);
    double before = 1e9;
    for (const WrongSample& one : wrong) {
        CHECK(one.truth == set.validation.labels[one.sample]);
        CHECK(one.answer == answers[one.sample]);
        CHECK(one.answer != one.truth);
        const std::size_t size = set.shape.size();
        const std::span<const std::uint8_t> picture(set.validation.pixels.data() + one.sample * size, size);
        std::vector<std::uint8_t> rows;
        fixed::device_order(picture, network.spec.input, rows);
        const std::vector<std::int32_t> logits = host.logits(rows);
        const int steps = logits[std::size_t(one.answer)] - logits[std::size_t(one.truth)];
        CHECK(one.margin == std::ldexp(steps, network.layers.back().output_exponent));
        CHECK(one.margin <= before);
        before = one.margin;
        const std::vector<std::uint8_t>& input = judged.inputs.at(one.sample);
        CHECK(std::equal(input.begin(), input.end(), picture.begin(), picture.end())); // small enough to be kept whole
    }
}

TEST_CASE("with folds every sample counts once, answered by the network that has not seen it") {
    data::Dataset set = load_data("synthetic:strokes,samples=300");
    set.validation_drawn = true; // too small a part to judge by, and nobody chose it
    const Member member(set, "judged_folds");
    REQUIRE(member.head.folds == 5);
    const Judged judged = member.judged();
    REQUIRE(judged.members.size() == 1);
    const data::Folds folds = data::folds_of(set);
    judge::ConfusionMatrix counts(set.classes());
    for (std::size_t k = 0; k < folds.count; ++k) {
        const data::Dataset own = data::fold(set, folds, k);
        const std::vector<std::uint8_t> answers = host_classes(member.model(k).network, own.validation);
        for (std::size_t i = 0; i < answers.size(); ++i) counts.add(own.validation.labels[i], answers[i]);
    }
    CHECK(*judged.members[0].validation.counts == counts);
    CHECK(counts.samples() == set.train.samples + set.validation.samples);
    const data::Split all = data::joined(set);
    for (const WrongSample& one : judged.members[0].wrong) {
        CHECK(one.truth == all.labels[one.sample]);
        const std::vector<std::uint8_t>& input = judged.inputs.at(one.sample);
        CHECK(
            std::equal(input.begin(), input.end(), all.pixels.begin() + std::ptrdiff_t(one.sample * set.shape.size())));
    }
}

TEST_CASE("models of a version that kept no answers of the folds make no member, and no error") {
    data::Dataset set = load_data("synthetic:strokes,samples=300");
    set.validation_drawn = true; // too small a part to judge by, and nobody chose it
    const Member member(set, "judged_old_folds");
    fixed::Model model = member.model(2);
    model.held_out = {};
    fixed::save_model(fold_path(member.path(), 2), model);
    CHECK(member.evaluator.judge(member.record, member.path()).members.empty());
}

TEST_CASE("samples in groups keep the intervals that counts do not tell") {
    data::Dataset set = load_data("synthetic:strokes,samples=400,val=0.2");
    for (std::uint32_t group = 0; group < 20; ++group) set.group_names.push_back(text("person ", group));
    const auto deal = [](data::Split& part, std::uint32_t first, std::uint32_t count) {
        for (std::size_t i = 0; i < part.samples; ++i) part.groups.push_back(first + std::uint32_t(i) % count);
    };
    deal(set.train, 0, 6);
    deal(set.validation, 6, 8);
    deal(set.test, 14, 6);
    const Member member(set, "judged_groups");
    const JudgedPart part = member.judged().members.at(0).validation;
    const std::vector<std::uint8_t> answers = host_classes(member.model().network, set.validation);
    const judge::Verdict verdict =
        judge::verdict({set.classes(), set.validation.labels, answers, set.validation.groups}, set.class_names);
    CHECK(part.grouped);
    CHECK(part.accuracy == verdict.accuracy);
    CHECK(part.accuracy == member.record.outcome.validation_interval);
    CHECK(part.f1 == verdict.f1);
}

TEST_CASE("numbers have their errors, pairs of truth and answer, and the samples with the largest errors") {
    const data::Dataset set = number_set(1200);
    const Member member(set, "judged_numbers", 4);
    const Judged judged = member.judged();
    REQUIRE(judged.members.size() == 1);
    const JudgedPart& part = judged.members[0].validation;
    CHECK_FALSE(part.counts);
    REQUIRE(part.fits.size() == 2);
    for (std::size_t k = 0; k < 2; ++k) {
        CHECK(part.fits[k].rmse == member.record.outcome.numbers[k].rmse);
        CHECK(part.fits[k].mae == member.record.outcome.numbers[k].mae);
    }
    CHECK(part.pairs.size() == 2 * 2 * most_pairs);
    const fixed::Model model = member.model();
    const std::vector<float> numbers =
        quantise::numbers_by_grids(fixed::lower(model.network), model.quantities, set, set.validation);
    CHECK(part.pairs[0] == set.validation.targets[0]);
    CHECK(part.pairs[1] == numbers[0]);
    const WrongSample& worst = judged.members[0].wrong.at(0);
    const auto error_of = [&](std::size_t sample) {
        double sum = 0;
        for (std::size_t k = 0; k < 2; ++k)
            sum += std::pow(double(numbers[2 * sample + k] - set.validation.targets[2 * sample + k]) /
                                double(set.quantities[k].scale),
                            2);
        return sum;
    };
    for (std::size_t i = 0; i < set.validation.samples; ++i) CHECK(error_of(i) <= error_of(worst.sample) * (1 + 1e-6));
    CHECK(worst.answers[1] == numbers[2 * worst.sample + 1]);
    // A series is kept on the integer grid of its network, 0 as 128.
    const std::vector<std::uint8_t>& input = judged.inputs.at(worst.sample);
    for (std::size_t c = 0; c < 3; ++c)
        CHECK(int(input[c]) - 128 == data::input_value(set.validation.values[3 * worst.sample + c],
                                                       set.normalisation.offset[c], set.normalisation.shift[c]));
    CHECK(written(judged_from_json(json::Reader(to_json(judged), "again"))) == written(judged));
}

TEST_CASE("large pictures and long series are kept smaller, with the mean of what they had") {
    data::Dataset set;
    set.shape = {3, 96, 64};
    set.class_names = {"a", "b"};
    for (data::Split* part : {&set.train, &set.validation}) {
        part->samples = 2;
        part->labels = {0, 1};
        part->pixels.resize(2 * set.shape.size());
        for (std::size_t i = 0; i < part->pixels.size(); ++i)
            part->pixels[i] = std::uint8_t(i / 64 % 3 * 100); // by row
    }
    Random random(3, "judged");
    const Folder folder("judged_large");
    make_folder(folder.path());
    const std::string path = folder.path() + "/0.tsm";
    fixed::save_model(path, small::model(plain::random_network(net::parse("A8 F2", {3, 96, 64}), random), random));
    const Judged kept = MemberJudge(set, {})(Record{}, path, std::nullopt);
    CHECK(kept.shape == net::Shape{3, 32, 21});
    REQUIRE(kept.inputs.size() == 1); // of two equal pictures of two classes one is answered wrongly
    CHECK(kept.inputs.begin()->second == std::vector<std::uint8_t>(3 * 32 * 21, 100));
}

TEST_CASE("judged.json comes back as it was written, and a run without it has none") {
    const data::Dataset set = load_data("synthetic:strokes,samples=200,val=0.2");
    const Member member(set, "judged_file");
    CHECK_FALSE(read_judged(member.folder.path(), member.head));
    const Judged judged = member.judged();
    write_judged(member.folder.path(), judged);
    const std::optional<Judged> again = read_judged(member.folder.path(), member.head);
    REQUIRE(again);
    CHECK(written(*again) == written(judged));
    CHECK(*again->members[0].validation.counts == *judged.members[0].validation.counts);
    CHECK(again->inputs == judged.inputs);
}

TEST_CASE("a broken or foreign judged.json is refused with the place and the cure") {
    Judged judged;
    judged.class_names = {"no", "yes"};
    judged.shape = {1, 1, 2};
    judged.inputs[4] = {1, 2};
    JudgedMember member;
    member.validation.samples = 3;
    member.validation.counts.emplace(2);
    member.validation.counts->add(0, 1, 3);
    member.wrong = {{4, 0, 1, 0.5}};
    judged.members = {member};
    const std::string good = written(judged);
    CHECK(refusal(good) == "taken");
    const auto changed = [&](std::string_view from, std::string_view to) {
        REQUIRE(good.find(from) != good.npos);
        return refusal(replaced(good, from, to));
    };
    CHECK(refusal(good.substr(0, good.size() / 2)).find(": byte ") == 0);
    CHECK(changed("\"format\":1", "\"format\":2") ==
          ": format: expected 1, found 2; another version of the program wrote it");
    CHECK(changed("[0,1,3]", "[0,2,3]") == ": members[0].validation.counts[0][1]: expected 0 to 1, found 2");
    CHECK(changed("[0,1,3]", "[0,1,2]") == ": members[0].validation.counts: expected 3 samples, found 2");
    CHECK(changed("AQI=", "AQ==") == ": inputs: '4' is no sample of 2 bytes");
    CHECK(changed("AQI=", "A*I=") == ": inputs: '4' is no sample of 2 bytes");
    CHECK(changed("\"answer\":1", "\"answer\":2") == ": members[0].wrong[0].answer: expected 0 to 1, found 2");
    CHECK(changed("[\"no\",\"yes\"]", "[]") == ": expected names of classes or of numbers");
    RunHead other;
    other.data_digest = 7;
    CHECK(refusal(good, other) == ": it is of data with digest 0000000000000000, the run's have 0000000000000007; it "
                                  "belongs to another run, remove it");
}

TEST_CASE("intervals of groups and errors of numbers are refused where they cannot be") {
    Judged judged;
    judged.class_names = {"no", "yes"};
    judged.inputs[4] = {1};
    JudgedMember member;
    member.validation.samples = 3;
    member.validation.counts.emplace(2);
    member.validation.counts->add(0, 1, 3);
    member.validation.grouped = true;
    member.validation.accuracy = judge::Interval{0.25, 0.5};
    member.validation.f1.resize(2);
    judged.members = {member};
    const std::string groups = written(judged);
    CHECK(refusal(groups) == "taken");
    CHECK(refusal(replaced(groups, "[0.25,0.5]", "[0.5,0.25]")) ==
          ": members[0].validation.accuracy_interval: expected two numbers, the lower one first");
    CHECK(refusal(replaced(groups, "[null,null]", "[null]")) ==
          ": members[0].validation.f1_intervals: expected 2 of them, found 1");
    CHECK(refusal(replaced(groups, "\"shape\":[1,1,1]", "\"shape\":[1,1]")) ==
          ": shape: expected channels, height and width");
    judged.class_names.clear();
    judged.numbers = {"width"};
    member.validation.counts.reset();
    member.validation.fits = {{"width", 1.5, 1.25, 3, 0.75, {}, {}, {}}};
    member.validation.pairs = {7, 8};
    member.wrong = {{4, 0, 0, 0, {7}, {8}, ""}};
    judged.members = {member};
    const std::string numbers = written(judged);
    CHECK(refusal(numbers) == "taken");
    CHECK(refusal(replaced(numbers, "[\"width\"]", "[\"width\",\"height\"]")) ==
          ": members[0].validation.numbers: expected 2 of them, found 1");
    CHECK(refusal(replaced(numbers, "[7,8]", "[7,8,9]")) ==
          ": members[0].validation.pairs: expected a truth and an answer each");
    CHECK(refusal(replaced(numbers, "\"truths\":[7]", "\"truths\":[7,7]")) ==
          ": members[0].wrong[0]: expected 1 truths and answers");
}

TEST_CASE("answers that are not as many as their samples are refused") {
    data::Dataset set;
    set.name = "empty";
    set.class_names = {"a", "b"};
    CHECK_THROWS_WITH_AS(judged_part(set, {}), "empty: there are no samples to judge, or not as many answers", Error);
}

TEST_CASE("a search keeps the answers of its front, and its journal is the same without them") {
    const RunLog log = new_run(30, 1);
    const Folder plain("judged_plain"), kept("judged_kept");
    run_search(RunFolder(plain.path()), log, fake_evaluator(log.head.space));
    CHECK_FALSE(std::filesystem::exists(judged_path(plain.path())));
    Evaluator judging = fake_evaluator(log.head.space);
    std::size_t calls = 0;
    std::set<std::string> tested; // models whose answers on the test part this process knows
    judging.test = [&tested, test = judging.test](const Record& record, const std::string& path) {
        tested.insert(path);
        return test(record, path);
    };
    judging.judge = [&calls, &tested](const Record& record, const std::string& path) {
        ++calls;
        CHECK(std::filesystem::exists(path));
        CHECK(tested.contains(deployed_model(path, record)));
        Judged judged;
        judged.class_names = {"no", "yes"};
        JudgedMember member;
        member.trial = record.trial.number;
        member.validation.samples = 1;
        member.validation.counts.emplace(2);
        member.validation.counts->add(0, 0);
        judged.inputs[record.trial.number] = {std::uint8_t(record.trial.number)};
        judged.members.push_back(member);
        return judged;
    };
    run_search(RunFolder(kept.path()), log, judging);
    CHECK(timeless_lines(kept.path()) == timeless_lines(plain.path()));
    const RunLog done = read_run(kept.path());
    const std::vector<const Record*> front = measured_front(done);
    CHECK(calls == front.size());
    const std::optional<Judged> judged = read_judged(kept.path(), done.head);
    REQUIRE(judged);
    REQUIRE(judged->members.size() == front.size());
    for (std::size_t i = 0; i < front.size(); ++i) CHECK(judged->members[i].trial == front[i]->trial.number);
    CHECK(judged->inputs.size() == front.size());

    // A run of a version that kept none, or one that lost the file, gets it from --resume without another trial.
    const std::vector<std::string> before = timeless_lines(kept.path());
    std::filesystem::remove(judged_path(kept.path()));
    tested.clear();
    run_search(RunFolder(kept.path()), log, judging);
    CHECK(written(*read_judged(kept.path(), done.head)) == written(*judged));
    CHECK(timeless_lines(kept.path()) == before);
    calls = 0;
    run_search(RunFolder(kept.path()), log, judging);
    CHECK(calls == 0);
}
