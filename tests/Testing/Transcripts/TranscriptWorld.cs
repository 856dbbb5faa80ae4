using System.Globalization;
using System.Net;
using System.Text;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;

namespace Webmail.Testing.Transcripts;

/// <summary>Builds what "given" says and checks what "then" says.</summary>
internal static class TranscriptWorld
{
    public static async Task<MailWorld> BuildAsync(Transcript transcript, PostgresFixture postgres)
    {
        // Nothing leaves: mail for elsewhere meets a closed port, is tried again later and so stays in the queue to be seen.
        var closed = new OutboundSettings { Routes = [new("*", "127.0.0.1", 1)] };
        var world = await MailWorld.StartAsync(
            postgres, settings => transcript.Givens.Aggregate(settings with { Outbound = closed }, (s, given) => Configure(s, given.Text)));
        await world.StartBackgroundAsync();
        foreach (var (line, text, block) in transcript.Givens)
        {
            try
            {
                await GiveAsync(world, text, block);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{transcript.Name}:{line}: given {text}: {e.Message}", e);
            }
        }

        return world;
    }

    public static async Task CheckAsync(MailWorld world, string text)
    {
        switch (text.Split(' ', 7))
        {
            case [var mailbox, "of", var account, "has", var count, "messages" or "message"]:
                Assert.Equal(int.Parse(count, CultureInfo.InvariantCulture), (await world.MailboxAsync(account, mailbox)).Messages);
                break;
            case ["message", var n, "in", var mailbox, "of", var account, var rest]:
                var message = (await world.MessagesAsync(account, mailbox))[int.Parse(n, CultureInfo.InvariantCulture) - 1];
                var content = Encoding.UTF8.GetString(message);
                if (rest.StartsWith("contains ", StringComparison.Ordinal))
                    Assert.Contains(Unescape(rest[9..]), content, StringComparison.Ordinal);
                else if (rest.StartsWith("lacks ", StringComparison.Ordinal))
                    Assert.DoesNotContain(Unescape(rest[6..]), content, StringComparison.Ordinal);
                else
                    throw new FormatException($"'then {text}': contains or lacks");
                break;
            case ["what", "was", "expunged", "is", "forgotten"]:
                await world.ForgetExpungedAsync();
                break;
            case ["queue", "has", var count, "recipient" or "recipients"]:
                Assert.Equal(long.Parse(count, CultureInfo.InvariantCulture), await world.CountAsync("select count(*) from queue.recipient"));
                break;
            default:
                throw new FormatException($"'then {text}' is unknown");
        }
    }

    private static string Unescape(string text) => text.Replace("{{crlf}}", "\r\n", StringComparison.Ordinal);

    private static WebmailSettings Configure(WebmailSettings settings, string text) => text.Split(' ') switch
    {
        ["hostname", var name] => settings with { Hostname = name },
        ["relay", .. var domains] => settings with { RelayDomains = domains },
        ["network", "Trusted", .. var networks] => settings with { Networks = settings.Networks with { Trusted = Parse(networks) } },
        ["network", "Proxies", .. var networks] => settings with { Networks = settings.Networks with { Proxies = Parse(networks) } },
        ["network", "PlaintextLogin", .. var networks] => settings with { Networks = settings.Networks with { PlaintextLogin = Parse(networks) } },
        ["scram", var when] => settings with { Login = new() { Scram = Enum.Parse<ScramOffer>(when, ignoreCase: true) } },
        ["without", var capability, .. var words] => settings with { Imap = new() { Without = [.. settings.Imap.Without, Rule(capability, words)] } },
        ["limit", var name, var value] => settings with { Limits = WithLimit(settings.Limits, name, int.Parse(value, CultureInfo.InvariantCulture)) },
        _ => settings,
    };

    /// <summary>"client Foo/1.* user ann@*": for whom the capability is switched off.</summary>
    private static CapabilityRule Rule(string capability, string[] words) => new(
        capability, Array.IndexOf(words, "client") is var c and >= 0 ? words[c + 1] : null, Array.IndexOf(words, "user") is var u and >= 0 ? words[u + 1] : null);

    private static LimitSettings WithLimit(LimitSettings limits, string name, int value) => name switch
    {
        nameof(LimitSettings.MessageSize) => limits with { MessageSize = value },
        nameof(LimitSettings.Recipients) => limits with { Recipients = value },
        nameof(LimitSettings.Errors) => limits with { Errors = value },
        nameof(LimitSettings.LoginFailures) => limits with { LoginFailures = value },
        nameof(LimitSettings.SmtpIdleSeconds) => limits with { SmtpIdleSeconds = value },
        nameof(LimitSettings.ImapIdleSeconds) => limits with { ImapIdleSeconds = value },
        nameof(LimitSettings.ImapProgressSeconds) => limits with { ImapProgressSeconds = value },
        nameof(LimitSettings.Pop3IdleSeconds) => limits with { Pop3IdleSeconds = value },
        nameof(LimitSettings.LoginSeconds) => limits with { LoginSeconds = value },
        _ => throw new FormatException($"No limit is called {name}"),
    };

    private static List<IPNetwork> Parse(string[] networks) => networks is ["none"] ? [] : [.. networks.Select(IPNetwork.Parse)];

    private static async Task GiveAsync(MailWorld world, string text, List<string> block)
    {
        switch (text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            case ["account", var name, .. var options]:
                await AddAccountAsync(world, name, options);
                break;
            case ["domain", var name]:
                await world.AddDomainAsync(name);
                break;
            case ["alias", var name, "->", .. var targets]:
                await world.AddAliasAsync(name, [.. targets.Select(t => t.TrimEnd(','))]);
                break;
            case ["app-password", var name, "of", var account]:
                await world.AddAppPasswordAsync(account, name);
                break;
            case ["token", var name, "of", var account, .. var words]:
                await world.AddTokenAsync(account, name, words.Except(["expired"]), words.Contains("expired") ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromHours(1));
                break;
            case ["mailbox", var name, "of", var account]:
                await (await world.MailAsync(account)).Mailboxes.CreateAsync(MailboxName.Parse(name), SpecialUse.None, CancellationToken.None);
                break;
            case [var count, "messages" or "message", "in", var mailbox, "of", var account] when count != "message":
                for (var i = 1; i <= int.Parse(count, CultureInfo.InvariantCulture); i++)
                    await world.AppendAsync(account, mailbox, MailWorld.SimpleMessage(i));
                break;
            case ["message", "in", var mailbox, "of", var account, .. var options]:
                var octets = Encoding.UTF8.GetBytes(string.Concat(block.Select(l => l + "\r\n")));
                await world.AppendAsync(account, mailbox, octets, await FlagsAsync(world, account, options), ReceivedOf(options));
                break;
            case ["hostname" or "relay" or "network" or "limit" or "scram" or "without", ..]:
                break;
            default:
                throw new FormatException("unknown");
        }
    }

    private static async Task AddAccountAsync(MailWorld world, string name, string[] options)
    {
        var password = Array.IndexOf(options, "password") is var p and >= 0 ? options[p + 1] : "pass-word";
        long? quota = Array.IndexOf(options, "quota") is var q and >= 0 ? long.Parse(options[q + 1], CultureInfo.InvariantCulture) : null;
        await world.AddAccountAsync(name, password, options.Contains("admin"), quota);
    }

    /// <summary>"flags \Seen $label", up to "date".</summary>
    private static async Task<FlagSet> FlagsAsync(MailWorld world, string account, string[] options)
    {
        var flags = FlagSet.None;
        foreach (var word in options.SkipWhile(o => o != "flags").Skip(1).TakeWhile(o => o != "date"))
        {
            flags |= word switch
            {
                "\\Answered" => FlagSet.Answered,
                "\\Flagged" => FlagSet.Flagged,
                "\\Deleted" => FlagSet.Deleted,
                "\\Seen" => FlagSet.Seen,
                "\\Draft" => FlagSet.Draft,
                _ => await (await world.MailAsync(account)).Mailboxes.KeywordBitsAsync([word], CancellationToken.None),
            };
        }

        return flags;
    }

    /// <summary>"date 1994-02-07T21:52:25-08:00"; INTERNALDATE is the moment of the append unless given.</summary>
    private static DateTimeOffset? ReceivedOf(string[] options) => Array.IndexOf(options, "date") is var d and >= 0
        ? DateTimeOffset.Parse(options[d + 1], CultureInfo.InvariantCulture)
        : null;
}
