#include "contract/mutants/mutant_stores.hpp"

#include <atto/store_requests.hpp>

#include "support/store_decorator.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace atto::test {
namespace {

/// Takes a save of the version that is stored already: `<=` where the guard says `<`.
struct takes_equal_versions : store_decorator {
  using store_decorator::store_decorator;
  void do_save(save_request r, handler<std::int64_t> h) override {
    const auto id = r.id;
    const auto version = r.snap.version;
    if (r.guard != guard::newer) return store_decorator::do_save(std::move(r), std::move(h));
    inner().async_remove(id, {.base = version}, [this, r = std::move(r), h = std::move(h)](error_code, bool) mutable {
      store_decorator::do_save(std::move(r), std::move(h));
    });
  }
};

/// Takes guard::exact for guard::newer.
struct ignores_the_base : store_decorator {
  using store_decorator::store_decorator;
  void do_save(save_request r, handler<std::int64_t> h) override {
    r.guard = guard::newer;
    r.base = 0;
    store_decorator::do_save(std::move(r), std::move(h));
  }
};

/// Appends on whatever version is stored: the second of two writers adds its turn to one it never saw.
struct appends_on_any_version : store_decorator {
  using store_decorator::store_decorator;
  void do_append(append_request r, handler<std::int64_t> h) override {
    const auto id = r.id;
    inner().async_load(id, {.last = 0},
                       [this, r = std::move(r), h = std::move(h)](error_code, std::optional<snapshot> s) mutable {
                         if (s && s->version < max_version) r.base = s->version;
                         store_decorator::do_append(std::move(r), std::move(h));
                       });
  }
};

/// Reads the version, looks whether it is the base, and writes: two steps where one must do.
struct looks_before_it_writes : store_decorator {
  using store_decorator::store_decorator;
  void do_append(append_request r, handler<std::int64_t> h) override {
    const auto id = r.id;
    inner().async_load(
        id, {}, [this, r = std::move(r), h = std::move(h)](error_code, std::optional<snapshot> s) mutable {
          const std::int64_t stored = s ? s->version : 0;
          if (stored != r.base) return store_decorator::do_append(std::move(r), std::move(h));
          snapshot next = s ? std::move(*s) : snapshot();
          next.version = r.base + 1;
          next.state = std::move(r.turn.state);
          next.history.append(r.turn.events);
          inner().async_remove(r.id, {}, [this, id = r.id, next, h = std::move(h)](error_code, bool) mutable {
            inner().async_save(id, next, {}, std::move(h));
          });
        });
  }
};

/// Keeps the events of a removed session, and gives them to the next one of that id.
struct inherits_old_events : store_decorator {
  using store_decorator::store_decorator;
  void do_remove(remove_request r, handler<bool> h) override {
    const auto id = r.id;
    inner().async_load(id, {},
                       [this, r = std::move(r), h = std::move(h)](error_code, std::optional<snapshot> s) mutable {
                         const std::lock_guard lock(mutex_);
                         if (s) left_behind_[r.id] = s->history;
                         store_decorator::do_remove(std::move(r), std::move(h));
                       });
  }
  void do_append(append_request r, handler<std::int64_t> h) override {
    {
      const std::lock_guard lock(mutex_);
      if (auto past = left_behind_.extract(r.id); past && r.base == 0) {
        past.mapped().append(r.turn.events);
        r.turn.events = std::move(past.mapped());
      }
    }
    store_decorator::do_append(std::move(r), std::move(h));
  }

 private:
  std::mutex mutex_;
  std::map<std::string, history> left_behind_;
};

/// Says what went wrong, but not between which versions.
struct forgets_diagnostics : store_decorator {
  using store_decorator::store_decorator;
  void do_save(save_request r, handler<std::int64_t> h) override {
    r.diag = nullptr;
    store_decorator::do_save(std::move(r), std::move(h));
  }
};

/// Leaves words behind on success.
struct fills_diagnostics_on_success : store_decorator {
  using store_decorator::store_decorator;
  void do_list(list_request r, handler<session_page> h) override {
    if (r.diag != nullptr) r.diag->message("listed");
    inner().async_list({.prefix = r.prefix, .after = r.after, .limit = r.limit}, std::move(h));
  }
};

/// Calls handlers where it stands.
struct completes_inline : store_decorator {
  using store_decorator::store_decorator;
  void do_list(list_request, handler<session_page> h) override { std::move(h)(error_code(), session_page()); }
};

/// Tells an error with a value beside it.
struct gives_a_value_with_an_error : store_decorator {
  using store_decorator::store_decorator;
  void do_save(save_request r, handler<std::int64_t> h) override {
    const auto executor = get_executor();
    const auto version = r.snap.version;
    const save_options o{.guard = r.guard, .base = r.base, .diag = r.diag};
    const auto id = r.id;
    inner().async_save(id, std::move(r.snap), o, [executor, version, h = std::move(h)](error_code ec, auto) mutable {
      boost::asio::post(executor, boost::asio::append(std::move(h), ec, version));
    });
  }
};

/// Loads the oldest events where the newest were asked for.
struct loads_the_oldest : store_decorator {
  using store_decorator::store_decorator;
  void do_load(load_request r, handler<std::optional<snapshot>> h) override {
    const auto id = r.id;
    const auto last = r.last;
    const auto executor = get_executor();
    inner().async_load(id, {.diag = r.diag},
                       [last, executor, h = std::move(h)](error_code ec, std::optional<snapshot> s) mutable {
                         if (s && last < s->history.size()) {
                           s->events_before = static_cast<std::int64_t>(s->history.size() - last);
                           const auto first = s->history.begin();
                           s->history = history(std::vector<json>(first, first + static_cast<std::ptrdiff_t>(last)));
                         }
                         boost::asio::post(executor, boost::asio::append(std::move(h), ec, std::move(s)));
                       });
  }
};

/// Lets a write through under any claim.
struct ignores_the_epoch : store_decorator {
  using store_decorator::store_decorator;
  void do_append(append_request r, handler<std::int64_t> h) override {
    r.epoch.reset();
    store_decorator::do_append(std::move(r), std::move(h));
  }
};

/// Takes all owners for one.
struct hands_out_live_claims : store_decorator {
  using store_decorator::store_decorator;
  void do_claim(claim_request r, handler<claimed_session> h) override {
    r.owner = "anybody";
    store_decorator::do_claim(std::move(r), std::move(h));
  }
};

/// Lets the claim of an append run out.
struct renews_no_claim : store_decorator {
  using store_decorator::store_decorator;
  void do_append(append_request r, handler<std::int64_t> h) override {
    r.ttl = std::chrono::milliseconds(0);
    store_decorator::do_append(std::move(r), std::move(h));
  }
};

/// Forgets the message that a whole save answers.
struct forgets_the_message : store_decorator {
  using store_decorator::store_decorator;
  void do_save(save_request r, handler<std::int64_t> h) override {
    r.message_id.reset();
    r.turn_events = 0;
    store_decorator::do_save(std::move(r), std::move(h));
  }
};

/// Finds a message's turn only where it lies in the history.
struct forgets_replaced_turns : store_decorator {
  using store_decorator::store_decorator;
  void do_save(save_request r, handler<std::int64_t> h) override {
    const std::lock_guard lock(mutex_);
    replaced_[r.id] = r.snap.version;
    store_decorator::do_save(std::move(r), std::move(h));
  }
  void do_find_turn(find_turn_request r, handler<std::optional<turn_record>> h) override {
    const auto executor = get_executor();
    const auto id = r.id;
    inner().async_find_turn(
        id, r.message_id, {.diag = r.diag},
        [this, id, executor, h = std::move(h)](error_code ec, std::optional<turn_record> found) mutable {
          const std::lock_guard lock(mutex_);
          if (found && found->version < replaced_[id]) found.reset();
          boost::asio::post(executor, boost::asio::append(std::move(h), ec, std::move(found)));
        });
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::int64_t> replaced_;
};

/// Takes the claim of an absent session for a session.
struct shows_claims_of_absent_sessions : store_decorator {
  using store_decorator::store_decorator;
  void do_load(load_request r, handler<std::optional<snapshot>> h) override {
    const auto executor = get_executor();
    const auto id = r.id;
    inner().async_load(id, {.last = r.last, .diag = r.diag},
                       [this, id, executor, h = std::move(h)](error_code ec, std::optional<snapshot> s) mutable {
                         const std::lock_guard lock(mutex_);
                         if (!ec && !s && claimed_.contains(id)) s.emplace();
                         boost::asio::post(executor, boost::asio::append(std::move(h), ec, std::move(s)));
                       });
  }
  void do_claim(claim_request r, handler<claimed_session> h) override {
    {
      const std::lock_guard lock(mutex_);
      claimed_.insert(r.id);
    }
    store_decorator::do_claim(std::move(r), std::move(h));
  }

 private:
  std::mutex mutex_;
  std::set<std::string> claimed_;
};

/// Loads first, and claims then: what was written in between is not in the snapshot.
struct loads_before_it_claims : store_decorator {
  using store_decorator::store_decorator;
  void do_claim(claim_request r, handler<claimed_session> h) override {
    const auto executor = get_executor();
    const auto id = r.id;
    inner().async_load(
        id, {.last = 0}, [this, executor, r = std::move(r), h = std::move(h)](error_code, auto before) mutable {
          const claim_options o{.address = r.address, .ttl = r.ttl, .last = r.last, .diag = r.diag};
          inner().async_claim(r.id, r.owner, o,
                              [executor, before, h = std::move(h)](error_code ec, claimed_session held) mutable {
                                if (held.snap && before) held.snap->version = before->version;
                                boost::asio::post(executor, boost::asio::append(std::move(h), ec, std::move(held)));
                              });
        });
  }
};

/// Forgets an event with U+0000 in it, as a C string would.
struct cuts_documents_at_nul : store_decorator {
  using store_decorator::store_decorator;
  void do_append(append_request r, handler<std::int64_t> h) override {
    history cut;
    for (const auto& event : r.turn.events) {
      cut.push_back(event.text().find("\\u0000") == std::string_view::npos ? event : json("\"\""));
    }
    r.turn.events = std::move(cut);
    store_decorator::do_append(std::move(r), std::move(h));
  }
};

/// Lists as if case did not matter.
struct lists_without_case : store_decorator {
  using store_decorator::store_decorator;
  void do_list(list_request r, handler<session_page> h) override {
    const auto executor = get_executor();
    const list_options o{.prefix = r.prefix, .after = r.after, .limit = r.limit, .diag = r.diag};
    inner().async_list(o, [executor, h = std::move(h)](error_code ec, session_page page) mutable {
      const auto lower = [](std::string text) {
        for (char& c : text) c = 'A' <= c && c <= 'Z' ? static_cast<char>(c + 32) : c;
        return text;
      };
      std::stable_sort(page.begin(), page.end(),
                       [&](const auto& a, const auto& b) { return lower(a.id) < lower(b.id); });
      boost::asio::post(executor, boost::asio::append(std::move(h), ec, std::move(page)));
    });
  }
};

/// Goes on working after it was closed.
struct never_closes : store_decorator {
  using store_decorator::store_decorator;
  void do_close(request, handler<> h) override {
    boost::asio::post(get_executor(), boost::asio::append(std::move(h), error_code()));
  }
};

template <class Mutant>
std::shared_ptr<session_store> make(std::shared_ptr<session_store> correct) {
  return std::make_shared<Mutant>(std::move(correct));
}

}  // namespace

const std::vector<mutant>& mutants() {
  static const std::vector<mutant> all = {
      {"TakesEqualVersions", "NewerRefusesTheVersionThatIsStored", make<takes_equal_versions>},
      {"IgnoresTheBase", "ExactRefusesEveryOtherVersion", make<ignores_the_base>},
      {"AppendsOnAnyVersion", "AnAppendOnAnotherVersionIsAConflict", make<appends_on_any_version>},
      {"AppendsOnAnyVersionRaced", "OfRacingAppendsExactlyOneWinsEachRound", make<appends_on_any_version>},
      {"LooksBeforeItWrites", "OfRacingAppendsExactlyOneWinsEachRound", make<looks_before_it_writes>},
      {"InheritsOldEvents", "ANewSessionInheritsNoEventsOfARemovedOne", make<inherits_old_events>},
      {"InheritsOldEventsRaced", "RacingFirstAppendsAndRemovesLeaveNoEventOfThePastBehind", make<inherits_old_events>},
      {"ForgetsDiagnostics", "NewerRefusesALowerVersion", make<forgets_diagnostics>},
      {"FillsDiagnosticsOnSuccess", "DiagnosticsAreEmptyAfterSuccess", make<fills_diagnostics_on_success>},
      {"CompletesInline", "HandlersAreNeverCalledInline", make<completes_inline>},
      {"CompletesOnAnotherExecutor", "HandlersRunOnTheirOwnExecutor", make<completes_inline>},
      {"GivesAValueWithAnError", "AConflictGivesNoValue", make<gives_a_value_with_an_error>},
      {"LoadsTheOldest", "ABoundedLoadOfAnAppendedSessionGivesTheNewestEvents", make<loads_the_oldest>},
      {"IgnoresTheEpoch", "AnExpiredClaimIsTakenOverAndItsOwnerWritesNoMore", make<ignores_the_epoch>},
      {"HandsOutLiveClaims", "AnotherOwnerIsToldWhereASessionIsHeld", make<hands_out_live_claims>},
      {"HandsOutLiveClaimsRaced", "OfRacingOwnersExactlyOneIsGivenTheSession", make<hands_out_live_claims>},
      {"ForgetsTheMessage", "AWholeSaveNamesWhichEventsAreItsTurns", make<forgets_the_message>},
      {"ForgetsReplacedTurns", "ATurnIsFoundAfterWholeSavesHaveReplacedIt", make<forgets_replaced_turns>},
      {"RenewsNoClaim", "AnAppendRenewsTheClaimItIsMadeUnder", make<renews_no_claim>},
      {"ShowsClaimsOfAbsentSessions", "AClaimedSessionThatWasNeverWrittenIsAbsent",
       make<shows_claims_of_absent_sessions>},
      {"LoadsBeforeItClaims", "AClaimThatRacesAppendsGivesASnapshotOfOneMoment", make<loads_before_it_claims>},
      {"CutsDocumentsAtNul", "EveryDocumentComesBackEqual", make<cuts_documents_at_nul>},
      {"ListsWithoutCase", "EveryIdIsListedInByteOrder", make<lists_without_case>},
      {"NeverCloses", "AClosedStoreRefusesEveryOperation", make<never_closes>}};
  return all;
}

}  // namespace atto::test
