using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Webmail.MailCore.Model;
using Webmail.Protocols.Wire;
using Webmail.Testing;
using Webmail.Testing.Transcripts;

namespace Webmail.Protocols.Tests.Imap;

/// <summary>
/// Several sessions change one mailbox at random, at the same time; each keeps its own picture by the untagged replies alone. In the end all pictures
/// are what another node reads in the database, and none was wrong on the way. WEBMAIL_MODEL_SECONDS says how long (30 in all; 600 every night).
/// What it must find and does: docs/adr/0201.
/// </summary>
public sealed class SessionsModelTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Clients = 4;

    /// <summary>Of each, between two comparisons.</summary>
    private const int Commands = 40;

    private static readonly TimeSpan Time = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("WEBMAIL_MODEL_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds / 2.0 : 15);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task AllSeeTheSame(int seed)
    {
        await using var world = await MailWorld.StartAsync(postgres);
        await world.AddAccountAsync("ann");
        await world.StartBackgroundAsync();
        await (await world.MailAsync("ann")).Mailboxes.CreateAsync(MailboxName.Parse("Other"), SpecialUse.None, CancellationToken.None);
        for (var i = 1; i <= 20; i++)
            await world.AppendAsync("ann", "INBOX", MailWorld.SimpleMessage(i));

        var seen = new Sightings();
        var clients = new List<ViewClient>();
        try
        {
            for (var i = 0; i < Clients; i++)
                clients.Add(await OpenAsync(world.Handler("imap"), i, seen));
            var time = Stopwatch.StartNew();
            for (var round = 0; round == 0 || time.Elapsed < Time; round++)
            {
                await Task.WhenAll(clients.Select((client, i) => Task.Run(() => WorkAsync(client, new Random((round * 1000) + (seed * 100) + i)))));
                await CompareAsync(world, clients, seen);
            }
        }
        finally
        {
            foreach (var client in clients)
                await client.DisposeAsync();
        }

        Assert.Empty(world.Errors.All);
        Assert.Equal(0, await world.CountAsync("select count(*) from mail.broken"));
    }

    private static async Task<ViewClient> OpenAsync(IWireHandler imap, int number, Sightings seen)
    {
        var name = ((char)('a' + number)).ToString();
        var client = new ViewClient(await TranscriptClient.ConnectAsync(imap, IPAddress.Loopback, implicitTls: false, name), name, seen);
        await client.OpenAsync("INBOX");

        // Every other client asks for mod-sequences.
        if (number % 2 == 1)
            await client.DoAsync("ENABLE CONDSTORE");
        return client;
    }

    /// <summary>All are quiet: what each was told is what stands in the database, and what it asks for too.</summary>
    private static async Task CompareAsync(MailWorld world, List<ViewClient> clients, Sightings seen)
    {
        await using var node = world.AnotherNode();
        await using var fresh = await OpenAsync(node.GetRequiredKeyedService<IWireHandler>("imap"), Clients, seen);
        await fresh.DoAsync("UID FETCH 1:* (FLAGS)");
        foreach (var client in clients)
        {
            await client.DoAsync("NOOP");
            AssertSame(fresh, client);
            await client.DoAsync("UID FETCH 1:* (FLAGS)");
            AssertSame(fresh, client);
        }
    }

    private static void AssertSame(ViewClient truth, ViewClient client)
    {
        client.Require(client.Count == truth.Count, $"has {client.Count} messages, the mailbox {truth.Count}");
        for (var i = 0; i < truth.Count; i++)
        {
            var (expected, known) = (truth.Messages[i], client.Messages[i]);
            client.Require(known.Uid is null || known.Uid == expected.Uid, $"number {i + 1} is UID {expected.Uid}, not {known.Uid}");
            client.Require(
                known.Flags is null || known.Flags.SequenceEqual(expected.Flags!),
                $"UID {expected.Uid} has ({string.Join(' ', expected.Flags!)}), not ({string.Join(' ', known.Flags ?? [])})");
        }
    }

    private static async Task WorkAsync(ViewClient client, Random random)
    {
        await client.DoAsync("FETCH 1:* (UID FLAGS)", mayFail: true);
        for (var i = 0; i < Commands; i++)
        {
            await StepAsync(client, random, i);
            if (client.Count <= 60)
                continue;
            client.ForgetFlags();
            await client.DoAsync("UID STORE 1:* +FLAGS.SILENT (\\Deleted)");
            client.ForgetFlags();
        }
    }

    private static async Task StepAsync(ViewClient client, Random random, int round)
    {
        // What another session has expunged meanwhile may be refused (RFC 2180 section 4): NO is no contradiction.
        var (from, to) = Range(client, random);
        var (low, high) = (random.Next(1, 80), random.Next(80, 200));
        switch (random.Next(15))
        {
            case 0:
                await client.DoAsync($"UID STORE {low}:{high} +FLAGS (\\Seen)", mayFail: true);
                break;
            case 1:
                await client.DoAsync($"STORE {from}:{to} FLAGS (\\Flagged kw{random.Next(3)})", mayFail: true);
                break;
            case 2:
                client.ForgetFlags();
                await client.DoAsync($"STORE {from} +FLAGS.SILENT (\\Deleted)", mayFail: true);
                client.ForgetFlags();
                break;
            case 3:
                await client.DoAsync($"STORE {from} -FLAGS (\\Seen \\Deleted)", mayFail: true);
                break;
            case 4:
                await client.DoAsync("EXPUNGE");
                break;
            case 5:
                await client.DoAsync($"UID EXPUNGE {low}:{high}");
                break;
            case 6 or 7:
                await client.DoAsync(Append(round));
                break;
            case 8:
                await client.DoAsync($"COPY {from}:{to} INBOX", mayFail: true);
                break;
            case 9:
                await client.DoAsync($"MOVE {from} Other", mayFail: true);
                break;
            case 10:
                await client.DoAsync("FETCH 1:* (UID FLAGS)", mayFail: true);
                break;
            case 11:
                await SearchAsync(client);
                break;
            case 12:
                await client.IdleAsync(TimeSpan.FromMilliseconds(random.Next(20)));
                break;
            case 13:
                await client.DoAsync("NOOP");
                break;
            case 14:
                await client.DoAsync($"FETCH {from}:{to} (UID INTERNALDATE RFC822.SIZE ENVELOPE)", mayFail: true);
                break;
        }
    }

    private static (int From, int To) Range(ViewClient client, Random random)
    {
        var from = random.Next(1, Math.Max(2, client.Count + 1));
        return (from, Math.Min(Math.Max(1, client.Count), from + random.Next(4)));
    }

    private static string Append(int round)
    {
        var message = Encoding.ASCII.GetString(MailWorld.SimpleMessage(round));
        return string.Create(CultureInfo.InvariantCulture, $"APPEND INBOX (\\Draft) {{{message.Length}+}}\r\n{message}");
    }

    private static async Task SearchAsync(ViewClient client)
    {
        var count = client.Count;
        var found = (await client.DoAsync("SEARCH NOT DELETED")).Single(l => l.StartsWith("* SEARCH", StringComparison.Ordinal));
        var numbers = found.Split(' ').Skip(2).Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToList();
        client.Require(numbers.All(n => n >= 1 && n <= Math.Max(count, client.Count)), "SEARCH gave a number that is none");
        client.Require(numbers.Distinct().Count() == numbers.Count, "SEARCH gave a number twice");
    }
}
