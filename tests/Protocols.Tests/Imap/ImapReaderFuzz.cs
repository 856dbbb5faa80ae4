using CsCheck;
using Webmail.MailCore.Model;
using Webmail.Protocols.Imap;
using Webmail.Testing;

namespace Webmail.Protocols.Tests.Imap;

/// <summary>Every command of every transcript, mutilated: the grammar says yes or no and never anything else, and whoever says yes has read to the end.</summary>
public sealed class ImapReaderFuzz
{
    private static readonly byte[][] Corpus = [.. Fuzzing.Transcribed("imap"), .. Fuzzing.SentByClients()];

    private static readonly Gen<byte[]> Mutated = Fuzzing.Mutations(
        Corpus, "(", ")", "((((((((((", "\"", "{5}\r\n", "{4294967296+}\r\n", "~{1}\r\n", "1:*", "4294967295", "99999999999999999999", "*", "%", "\\", "\\Seen", "[", "]", "<0.1>",
        "NIL", " ", "  ", "\r\n", "\0", "\u00ff", "NOT ", "OR ", "&", "&AAA-", "BODY[", "HEADER.FIELDS", "RETURN", "CHARSET", "UID ", "imap://", ";UID=", "PARTIAL", "MODSEQ");

    [Fact]
    public void TheCorpusIsThere() => Assert.True(Corpus.Length > 200);

    [Fact]
    public void SaysYesOrNo() => Fuzzing.Run(Mutated, static command => Run(command, ReaderRules.Plain), 10_000);

    [Fact]
    public void SaysYesOrNoToThoseWhoSwitchedAllOn() =>
        Fuzzing.Run(Mutated, static command => Run(command, new() { IsUtf8 = true, RefusesCharset = true, IsUidOnly = true }), 5_000);

    private static void Run(byte[] command, ReaderRules rules)
    {
        try
        {
            var reader = new ImapReader(command, null, rules);
            reader.Tag();
            reader.Space();
            var entry = ImapCommands.Table.Find(ref reader);
            entry.Parse(ref reader);
            Assert.True(reader.IsAtEnd);
        }
        catch (SyntaxException)
        {
            // No.
        }
        catch (MailException e)
        {
            Assert.Equal(MailError.Invalid, e.Error);
        }
    }
}
