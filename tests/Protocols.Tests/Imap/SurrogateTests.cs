using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Webmail.MailCore.Model;
using Webmail.Protocols.Imap;
using Webmail.Protocols.Imap.Fetch;
using Webmail.Protocols.Wire;
using Webmail.Testing;

namespace Webmail.Protocols.Tests.Imap;

/// <summary>Whatever internationalised headers hold: a client without UTF-8 gets ASCII, in the form of what is stored.</summary>
public sealed partial class SurrogateTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly Gen<string> Words = Gen.String[Gen.OneOf(Gen.Char['\u00a0', '\ud7ff'], Gen.Char["ab \"\\(){}@<>,;:.[]&%"], Gen.Char['\u3040', '\u30ff']), 0, 60];

    [Fact]
    public async Task IsAsciiAndOfTheFormOfWhatIsStored()
    {
        await using var world = await MailWorld.StartAsync(postgres);
        await world.AddAccountAsync("ann");
        var messages = new List<string>();
        Words.Array[6, 6].Sample(words => messages.Add(Message(words)), iter: 300, threads: 1);
        foreach (var message in messages)
            await world.AppendAsync("ann", "INBOX", Encoding.UTF8.GetBytes(message));
        var inbox = await world.MailboxAsync("ann", "INBOX");
        var rows = await (await world.MailAsync("ann")).Messages.ReadRowsAsync(inbox.Id, [.. Enumerable.Range(1, messages.Count).Select(n => new Uid((uint)n))], CancellationToken.None);
        Assert.Equal(messages.Count, rows.Count);
        foreach (var row in rows)
        {
            foreach (var stored in new[] { row.Envelope, row.Body, row.Structure })
                Assert.Equal(Form(Encoding.UTF8.GetString(stored.Span)), Form(await WrittenAsync(stored)));
        }
    }

    private static string Message(string[] words) => string.Join(
        "\r\n",
        $"From: {words[0]} <{words[1]}@{words[2]}>", $"To: \"{words[3]}\" <ann@{words[2]}>, {words[4]}", $"Subject: {words[5]}",
        $"Content-Type: multipart/mixed; boundary=b; name=\"{words[3]}\"", "", "--b", $"Content-Description: {words[4]}",
        $"Content-Disposition: attachment; filename=\"{words[5]}\"", "Content-Type: message/rfc822", "", $"Subject: {words[1]}", $"To: {words[0]} <{words[1]}@x>", "", "é", "--b--", "");

    private static async Task<string> WrittenAsync(ReadOnlyMemory<byte> stored)
    {
        using var clock = new WireClock(TimeProvider.System);
        using var pipes = new PipePair(new IPEndPoint(IPAddress.Loopback, 1), implicitTls: false, "surrogate");
        var wire = new WirePipe(pipes.Server, clock);
        await using (wire)
        {
            var writer = new ImapWriter(wire);
            Surrogate.Write(writer, stored.Span);
            await writer.FlushAsync(CancellationToken.None);
        }

        using var reader = new StreamReader(pipes.Client, Encoding.Latin1);
        var written = await reader.ReadToEndAsync();
        Assert.True(Ascii.IsValid(written), written);
        return written;
    }

    /// <summary>Parentheses and spaces as they are; strings, NIL and numbers are all one.</summary>
    private static string Form(string text)
    {
        var octets = Encoding.UTF8.GetBytes(text);
        var form = new StringBuilder();
        for (var i = 0; i < octets.Length;)
        {
            var rest = Encoding.Latin1.GetString(octets, i, octets.Length - i);
            if (LiteralHeader().Match(rest) is { Success: true } literal)
                i += literal.Length + int.Parse(literal.Groups["length"].Value, System.Globalization.CultureInfo.InvariantCulture);
            else if (QuotedOrAtom().Match(rest) is { Success: true } token)
                i += token.Length;
            else
            {
                form.Append((char)octets[i++]);
                continue;
            }

            form.Append('s');
        }

        return form.ToString();
    }

    [GeneratedRegex(@"\A\{(?<length>\d+)\}\r\n", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LiteralHeader();

    [GeneratedRegex(@"\A(""(\\.|[^""\\])*""|[^ ()""{]+)", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex QuotedOrAtom();
}
