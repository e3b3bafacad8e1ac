#include "support/chaos_proxy.hpp"
#include "support/temp_dir.hpp"
#include "tools/proxies/peer.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace atto::test {
namespace {

using chaos::arrivals;
using chaos::counters;
using chaos::direction;
using chaos::ending;

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}

TEST(ChaosProxy, PassesConnectionsOnOneByOneAndCountsThem) {
  peer_listener listener;
  chaos_proxy proxy(listener.where());
  std::vector<peer> clients, servers;
  for (std::uint64_t i = 1; i <= 20; ++i) {
    clients.emplace_back(proxy.port());
    servers.push_back(listener.accept());
    EXPECT_EQ(proxy.now().accepted, i);
    EXPECT_EQ(proxy.now().open, i);
  }
  for (std::size_t i = 0; i < clients.size(); ++i) clients[i].send(std::to_string(i));
  for (std::size_t i = 0; i < servers.size(); ++i) {
    servers[i].shut_down_sending();
    clients[i].shut_down_sending();
    EXPECT_EQ(servers[i].receive_all(), std::to_string(i));
  }
  EXPECT_TRUE(proxy.wait_until([](const counters& c) { return c.open == 0; }));
  EXPECT_EQ(proxy.now().accepted, 20U);
}

TEST(ChaosProxy, ReachesAServerOnAUnixSocket) {
  const temp_dir folder;
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  std::strcpy(where.sun_path, folder.file("s").c_str());
  const chaos::socket listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(listener.fd(), static_cast<sockaddr*>(static_cast<void*>(&where)), sizeof where), 0);
  ASSERT_EQ(::listen(listener.fd(), 1), 0);
  chaos_proxy proxy(chaos::endpoint::local(folder.file("s")));
  peer client(proxy.port());
  peer server(chaos::socket(::accept(listener.fd(), nullptr, nullptr)));
  proxy.arm(chaos::cut{.in = direction::requests, .after = 3, .client = ending::reset, .server = ending::reset});
  client.send("four");
  EXPECT_EQ(server.receive_all(), "fou");
  EXPECT_EQ(server.how_it_ended(), 0);
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(client.how_it_ended(), ECONNRESET);
}

TEST(ChaosProxy, ResetsAClientWhenTheServerIsNotThere) {
  std::uint16_t port = 0;
  const auto nobody_listens = chaos::reserve_port(port);
  chaos_proxy proxy(chaos::endpoint::tcp("127.0.0.1", port));
  peer client(proxy.port());
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(client.how_it_ended(), ECONNRESET);
}

TEST(ChaosProxy, RefusesNewConnectionsAndServesThemAgainOnTheSamePort) {
  proxied p;
  p.proxy.admit(arrivals::refused);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(peer(p.proxy.port()).connect_error(), ECONNREFUSED);
  p.client.send("old ones go on");
  EXPECT_EQ(p.server.receive(14), "old ones go on");
  p.proxy.admit(arrivals::served);
  peer client(p.proxy.port());
  client.send("back");
  EXPECT_EQ(p.listener.accept().receive(4), "back");
}

TEST(ChaosProxy, IgnoresNewConnectionsAndTheServerDoesNotHearOfThem) {
  proxied p;
  p.proxy.admit(arrivals::ignored);
  peer client(p.proxy.port());
  EXPECT_EQ(client.connect_error(), 0);
  client.send("hello?");
  EXPECT_TRUE(p.taken(direction::requests, 6));
  EXPECT_TRUE(client.hears_nothing());
  EXPECT_FALSE(p.listener.has_caller());
  EXPECT_EQ(p.proxy.now().open, 2U);
}

TEST(ChaosProxy, ABlackholeSwallowsBothWaysAndKeepsTheSocketsOpen) {
  proxied p;
  p.proxy.blackhole();
  p.client.send("ping");
  p.server.send("pong!");
  EXPECT_TRUE(p.taken(direction::requests, 4) && p.taken(direction::replies, 5));
  EXPECT_TRUE(p.client.hears_nothing() && p.server.hears_nothing());
  p.client.close();  // and the server never hears of it
  p.server.send("still?");
  EXPECT_TRUE(p.taken(direction::replies, 11));
  EXPECT_TRUE(p.server.hears_nothing());
  EXPECT_EQ(p.proxy.now().requests.passed + p.proxy.now().replies.passed, 0U);
  p.proxy.heal();
  peer client(p.proxy.port());
  client.send("back");
  EXPECT_EQ(p.listener.accept().receive(4), "back");
}

TEST(ChaosProxy, KillsAllConnectionsThereAreAndNoLaterOne) {
  for (const auto how : {ending::fin, ending::reset}) {
    proxied p;
    peer second(p.proxy.port());
    peer second_server = p.listener.accept();
    p.proxy.kill(how);
    for (auto* one : {&p.client, &p.server, &second, &second_server}) {
      EXPECT_EQ(one->receive_all(), "");
      EXPECT_EQ(one->how_it_ended(), how == ending::reset ? ECONNRESET : 0);
      one->close();
    }
    EXPECT_TRUE(p.proxy.wait_until([](const counters& c) { return c.open == 0; }));
    peer client(p.proxy.port());
    client.send("new");
    EXPECT_EQ(p.listener.accept().receive(3), "new");
  }
}

TEST(ChaosProxy, KillsOneSideAndLeavesTheOtherInSilence) {
  proxied p;
  p.proxy.kill(ending::reset, ending::silence);
  EXPECT_EQ(p.client.receive_all(), "");
  EXPECT_EQ(p.client.how_it_ended(), ECONNRESET);
  EXPECT_TRUE(p.server.hears_nothing());
  EXPECT_EQ(p.proxy.now().open, 1U);
}

TEST(ChaosProxy, AWaitForWhatDoesNotHappenEndsAtItsLimit) {
  proxied p;
  EXPECT_FALSE(p.proxy.wait_until([](const counters& c) { return c.accepted == 2; }, std::chrono::seconds(0)));
}

TEST(ChaosProxy, ClosesEveryDescriptorAtItsEndWhateverItsConnectionsWereDoing) {
  peer_listener listener;
  const auto before = open_descriptors();
  {
    std::vector<peer> peers;
    chaos_proxy proxy(listener.where());
    const auto connect = [&] {
      peers.emplace_back(proxy.port());
      peers.push_back(listener.accept());
    };
    connect();
    proxy.kill(ending::silence);
    connect();
    proxy.kill(ending::fin);
    connect();
    proxy.hold(direction::requests);
    peers[4].send("held");
    connect();
    proxy.admit(arrivals::ignored);
    peers.emplace_back(proxy.port());
    EXPECT_TRUE(proxy.wait_until([](const counters& c) { return c.open == 5; }));
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST(ChaosProxy, MayBeToldThingsByManyThreadsAtOnce) {
  proxied p;
  const auto meddle = [&](direction d) {
    for (int i = 0; i < 200; ++i) {
      p.proxy.hold(d);
      p.proxy.drip(d, {.bytes = 3});
      p.proxy.stop_reading(d);
      static_cast<void>(p.proxy.now());
      p.proxy.heal();
    }
  };
  const auto text = letters(300'000);
  std::thread requests(meddle, direction::requests), replies(meddle, direction::replies);
  std::thread sending([&] { p.client.send(text); });
  EXPECT_TRUE(p.server.receive(text.size()) == text);
  for (auto* thread : {&requests, &replies, &sending}) thread->join();
}

}  // namespace
}  // namespace atto::test
