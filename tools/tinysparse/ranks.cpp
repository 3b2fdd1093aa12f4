// SPDX-License-Identifier: Apache-2.0
// Messages between ranks are a line of JSON and, after it, the bytes of model files, one for each fold, whose lengths
// the JSON has:
//   job    {"trial": a record without outcome, "folds", "parent_genome"}    the parent's models, where they are
// inherited
//   result {"record", "stopped", "inherited"}                               the models, where there are any
//          {"fault", "code"}                                       what the machine of the rank refused
//   stop   nothing: the training under way is given up. An empty job: all is done.
#include "ranks.hpp"

#include <cerrno>
#include <cstdlib>

#include "common.hpp"
#include "tinysparse/base/files.hpp"

#ifdef TINYSPARSE_WITH_MPI
#define OMPI_SKIP_MPICXX 1 // the old C++ interface, which has gone from MPI
#include <mpi.h>
#endif

namespace tinysparse::cli {

#ifdef TINYSPARSE_WITH_MPI

namespace {

constexpr int job_tag = 1, result_tag = 2, stop_tag = 3;
std::mutex mpi; // one thread at a time talks

void send(int rank, int tag, std::string_view bytes) {
    const std::lock_guard lock(mpi);
    MPI_Send(bytes.data(), int(bytes.size()), MPI_BYTE, rank, tag, MPI_COMM_WORLD);
}

/// The message that is there, if one is.
std::optional<std::string> receive_now(int rank, int tag) {
    const std::lock_guard lock(mpi);
    int there = 0, size = 0;
    MPI_Status status;
    MPI_Iprobe(rank, tag, MPI_COMM_WORLD, &there, &status);
    if (!there) return std::nullopt;
    MPI_Get_count(&status, MPI_BYTE, &size);
    std::string bytes(std::size_t(size), '\0');
    MPI_Recv(bytes.data(), size, MPI_BYTE, rank, tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    return bytes;
}

/// Looks again and again rather than spin, since others train on this machine.
std::string receive(int rank, int tag) {
    for (;;) {
        if (auto message = receive_now(rank, tag)) return *message;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

std::string pack(json::Value head, const std::vector<std::string>& models = {}) {
    std::vector<std::size_t> lengths;
    std::string bytes;
    for (const std::string& model : models) {
        lengths.push_back(model.size());
        bytes += model;
    }
    head["lengths"] = json::Value(lengths);
    return text(json::write(head), '\n', bytes);
}

struct Message {
    json::Value head;
    std::vector<std::string> models;
};
Message unpack(const std::string& bytes, const char* what) {
    std::size_t end = bytes.find('\n');
    Message message{json::parse(std::string_view(bytes).substr(0, end), what), {}};
    for (const std::size_t length : json::Reader(message.head, what).at("lengths").as<std::vector<std::size_t>>()) {
        message.models.push_back(bytes.substr(end + 1, length));
        end += length;
    }
    return message;
}

std::vector<std::string> read_models(const std::string& path, std::size_t folds) {
    std::vector<std::string> models;
    for (std::size_t k = 0; k < folds; ++k) models.push_back(read_file(search::fold_path(path, k)));
    return models;
}
void write_models(const std::string& path, const std::vector<std::string>& models, bool durable) {
    for (std::size_t k = 0; k < models.size(); ++k) write_file(search::fold_path(path, k), models[k], durable);
}

/// Which ranks have nothing to do.
class Pool {
  public:
    explicit Pool(int count) {
        free_.reserve(std::size_t(count)); // so that give() throws nothing
        for (int rank = 1; rank < count; ++rank) free_.push_back(rank);
    }
    int take() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !free_.empty(); });
        const int rank = free_.back();
        free_.pop_back();
        return rank;
    }
    void give(int rank) {
        const std::lock_guard lock(mutex_);
        free_.push_back(rank);
        changed_.notify_one();
    }

    /// A rank that is given back, come what may.
    struct Taken {
        explicit Taken(Pool& from) : pool(from), rank(from.take()) {}
        Taken(const Taken&) = delete;
        Taken& operator=(const Taken&) = delete;
        ~Taken() { pool.give(rank); }
        Pool& pool;
        const int rank;
    };

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<int> free_;
};

/// The result of a rank, or nothing if it does not answer a stop in time: it is lost, and mpirun ends the job.
std::optional<std::string> await(int rank, const std::function<bool()>& stop) {
    using Clock = std::chrono::steady_clock;
    std::optional<Clock::time_point> stopped;
    for (;;) {
        if (auto message = receive_now(rank, result_tag)) return message;
        if (!stopped && stop()) {
            send(rank, stop_tag, "");
            stopped = Clock::now();
        }
        if (stopped && Clock::now() - *stopped > std::chrono::seconds(10)) return std::nullopt;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

search::Outcome evaluate_on(int rank, const search::Trial& trial, const search::TrialFiles& files,
                            const std::function<bool()>& stop, const space::Space& space) {
    search::Record record{trial, {}, false, 0};
    record.outcome.failure = "not trained yet";
    json::Value job = json::object({{"trial", search::to_json(record, space)}, {"folds", trial.folds}});
    if (files.parent) job["parent_genome"] = space::to_json(files.parent_genome);
    const std::size_t inherited = std::min(trial.folds, files.parent_folds);
    send(rank, job_tag, pack(job, files.parent ? read_models(*files.parent, inherited) : std::vector<std::string>{}));
    const std::optional<std::string> bytes = await(rank, stop);
    search::Outcome outcome;
    outcome.stopped = true;
    if (!bytes) return outcome;
    const Message result = unpack(*bytes, "result");
    const json::Reader in(result.head, "result");
    if (in.has("fault"))
        throw SystemError(text("rank ", rank, ": ", in.at("fault").as<std::string>()), in.at("code").as<int>());
    if (in.at("stopped").as<bool>()) return outcome;
    outcome = search::record_from_json(in.at("record"), space).outcome;
    outcome.inherited = in.at("inherited").as<double>();
    if (!outcome.failure) write_models(files.model, result.models, true);
    return outcome;
}

/// The result of a job. Throws SystemError if this machine refuses memory, space or rights.
std::string result_of(const search::Evaluator& local, const search::RunHead& head, const std::string& bytes,
                      const ScratchFolder& scratch) {
    const Message job = unpack(bytes, "job");
    const json::Reader in(job.head, "job");
    search::Record record = search::record_from_json(in.at("trial"), head.space);
    record.outcome = {};
    record.trial.folds = in.at("folds").ranged<std::size_t>(1, data::most_folds);
    search::TrialFiles files{scratch.path() + "/model.tsm", std::nullopt, {}};
    if (in.has("parent_genome")) {
        files.parent = scratch.path() + "/parent.tsm";
        files.parent_genome = space::genome_from_json(in.at("parent_genome"), head.space);
        files.parent_folds = job.models.size();
        write_models(*files.parent, job.models, false);
    }
    bool stopped = false;
    record.outcome = search::outcome_of(local, record.trial, files, [&] {
        stopped = stopped || interrupted() || receive_now(0, stop_tag);
        return stopped;
    });
    json::Value result = json::object({{"stopped", record.outcome.stopped}, {"inherited", record.outcome.inherited}});
    if (record.outcome.stopped) return pack(result);
    result["record"] = search::to_json(record, head.space);
    return record.outcome.failure ? pack(result) : pack(result, read_models(files.model, record.trial.folds));
}

/// The result of a job, in which a fault of this machine is a result too.
std::string work(const search::Evaluator& local, const search::RunHead& head, const std::string& bytes,
                 const ScratchFolder& scratch) {
    const auto fault = [](const char* sentence, int code) {
        return pack(json::object({{"fault", sentence}, {"code", code}}));
    };
    try {
        return result_of(local, head, bytes, scratch);
    } catch (const SystemError& refused) {
        return fault(refused.what(), refused.code());
    } catch (const std::bad_alloc&) {
        return fault("out of memory; use a smaller data set", ENOMEM);
    }
}

bool joined = false;

} // namespace

Ranks join_ranks() {
    if (!std::getenv("OMPI_COMM_WORLD_SIZE") && !std::getenv("PMI_SIZE")) return {};
    int provided = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided);
    joined = true;
    Ranks ranks;
    MPI_Comm_rank(MPI_COMM_WORLD, &ranks.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks.count);
    if (ranks.count > 1 && provided < MPI_THREAD_SERIALIZED)
        throw Error("this MPI does not let several threads talk in turn; build it with MPI_THREAD_SERIALIZED");
    return ranks;
}

void leave_ranks() {
    if (joined) MPI_Finalize();
    joined = false;
}

void announce(const search::RunHead& head, const Ranks& ranks) {
    for (int rank = 1; rank < ranks.count; ++rank) send(rank, job_tag, json::write(search::to_json(head)));
}

std::optional<search::RunHead> listen() {
    const std::string bytes = receive(0, job_tag);
    if (bytes.empty()) return std::nullopt;
    const json::Value value = json::parse(bytes, "rank 0");
    return search::head_from_json(json::Reader(value, "rank 0"));
}

search::Evaluator on_ranks(search::Evaluator local, const search::RunHead& head, const Ranks& ranks) {
    if (ranks.count == 1) return local;
    local.steps = {}; // stop is asked while this process waits, not before each step
    local.evaluate = [pool = std::make_shared<Pool>(ranks.count),
                      space = head.space](const search::Trial& trial, const search::TrialFiles& files,
                                          const std::function<bool()>& stop) {
        const Pool::Taken taken(*pool);
        return evaluate_on(taken.rank, trial, files, stop, space);
    };
    return local;
}

void serve(const search::Evaluator& local, const search::RunHead& head) {
    const ScratchFolder scratch; // for models on their way
    for (;;) {
        const std::string job = receive(0, job_tag);
        if (job.empty()) return;
        send(0, result_tag, work(local, head, job, scratch));
        while (receive_now(0, stop_tag)) {
        } // one that came too late
    }
}

void dismiss(const Ranks& ranks) {
    for (int rank = 1; rank < ranks.count; ++rank) send(rank, job_tag, "");
}

#else

Ranks join_ranks() {
    const char* size = std::getenv("OMPI_COMM_WORLD_SIZE");
    if (size && std::string_view(size) != "1")
        throw Error(text("mpirun started ", size,
                         " of this program, which was built without MPI; build it with "
                         "-DTINYSPARSE_WITH_MPI=ON"));
    return {};
}
void leave_ranks() {}
void announce(const search::RunHead&, const Ranks&) {}
std::optional<search::RunHead> listen() { return std::nullopt; }
search::Evaluator on_ranks(search::Evaluator local, const search::RunHead&, const Ranks&) { return local; }
void serve(const search::Evaluator&, const search::RunHead&) {}
void dismiss(const Ranks&) {}

#endif

} // namespace tinysparse::cli
