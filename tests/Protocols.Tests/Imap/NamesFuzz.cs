using System.Text;
using CsCheck;
using Webmail.MailCore.Model;
using Webmail.Protocols.Imap;
using Webmail.Protocols.Imap.Appending;
using Webmail.Testing;

namespace Webmail.Protocols.Tests.Imap;

/// <summary>Mailbox names in modified UTF-7 and IMAP URLs, mutilated.</summary>
public sealed class NamesFuzz
{
    private static readonly Gen<byte[]> Names = Fuzzing.Mutations(
        [.. new[] { "INBOX", "&BCAEMAQxBD4EQgQw-", "~peter/mail/&U,BTFw-/&ZeVnLIqe-", "a&-b", "&2D3eAA-" }.Select(Encoding.ASCII.GetBytes)], "&", "-", "/", "&-", ",", "2D3e", "\u00c3\u00a4", "\u00ff");

    private static readonly Gen<byte[]> Urls = Fuzzing.Mutations(
        [
            .. new[]
            {
                "imap://ann@mail.example.test/INBOX;UIDVALIDITY=7/;UID=20/;SECTION=1.2.MIME", "/Sent%20mail/;UID=1/;PARTIAL=0.100", ";UID=3", "//ann;AUTH=*@mail.example.test:143/a/;UID=1/;SECTION=HEADER.FIELDS%20(SUBJECT)",
            }.Select(Encoding.ASCII.GetBytes),
        ],
        "%", "%2", "%00", "%C3%A4", "%FF", ";UID=", "/;SECTION=", "/;PARTIAL=", "4294967296", "0", "@", "//", "\u00e4");

    /// <summary>What is read is a Unicode text whose canonical form reads the same.</summary>
    [Fact]
    public void AName() => Fuzzing.Run(
        Names,
        static octets =>
        {
            if (ModifiedUtf7.Decode(octets) is not { } name)
                return;
            Assert.Equal(name, ModifiedUtf7.Decode(Encoding.ASCII.GetBytes(ModifiedUtf7.Encode(name))));
            if (MailboxName.TryParse(name) is { } mailbox)
                Assert.Equal(mailbox, MailboxName.TryParse(mailbox.Value));
        },
        20_000);

    [Fact]
    public void AUrl() => Fuzzing.Run(
        Urls,
        static octets =>
        {
            if (ImapUrl.Parse(Encoding.UTF8.GetString(octets), "mail.example.test", "ann") is { } url)
                Assert.True(url.Uid.Value > 0 && url.Partial is not ({ First: < 0 } or { Count: < 0 }));
        },
        20_000);
}
