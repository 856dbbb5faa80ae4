using System.Text.RegularExpressions;
using Webmail.Protocols.Imap;
using Webmail.Protocols.Lmtp;
using Webmail.Protocols.Pop3;
using Webmail.Protocols.Smtp;
using Webmail.Testing.Transcripts;

namespace Webmail.Protocols.Tests;

/// <summary>Every verb of every protocol is said in a transcript of that protocol, over TLS too; IMAP's UID forms each for themselves.</summary>
public sealed partial class TranscribedVerbsTests
{
    [Fact]
    public void Imap() => AssertSaid(
        "imap", [.. ImapCommands.Table.Entries.Select(e => e.Verb).SelectMany(v => v.HasUidForm ? new[] { v.Name, "UID " + v.Name } : [v.Name])]);

    [Fact]
    public void Smtp() => AssertSaid("smtp", [.. SmtpCommands.All.Verbs.Except(["AUTH"])]);

    [Fact]
    public void Submission() => AssertSaid("submission", ["EHLO", "AUTH", "MAIL", "RCPT", "DATA"]);

    [Fact]
    public void Lmtp() => AssertSaid("lmtp", [.. LmtpCommands.All.Verbs.Except(["AUTH", "VRFY", "EXPN", "HELP", "NOOP", "STARTTLS", "XCLIENT"])]);

    [Fact]
    public void Pop3() => AssertSaid("pop3", [.. Pop3Commands.All.Entries.Select(e => e.Verb.Name)]);

    private static void AssertSaid(string protocol, string[] verbs)
    {
        var said = TranscriptTests.All(protocol).SelectMany(t => t.Steps)
            .Where(s => s.Kind is StepKind.Send or StepKind.SendRaw)
            .Select(s => Words().Match(s.Text).Groups["verb"].Value.ToUpperInvariant())
            .ToHashSet(StringComparer.Ordinal);
        Assert.Equal("", string.Join(" ", verbs.Where(v => !said.Contains(v))));
    }

    // With IMAP's tag before it, or without.
    [GeneratedRegex(@"^(?:[a-zA-Z]*\d+ |[a-z]{1,2} )?(?<verb>(?:UID )?[A-Za-z0-9]+)", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Words();
}
