using System.Text;
using CsCheck;
using Webmail.MailCore.Inbound;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Mime;

/// <summary>Header fields, mutilated: addresses, dates by way of the facts, Message-IDs, encoded words, types with parameters, transfer encodings.</summary>
public sealed class HeaderFuzz
{
    private static readonly string[] Words =
        ["<", ">", "@", ",", ";", ":", "\"", "\\", "(", ")", "[", "]", ".", "=?utf-8?b?", "=?utf-8?q?", "?=", "=?x?", "\r\n ", "%E4", "*0*=", "*=", "''", "\0", "\u00ff", "\u00c3", "\ud83d"];

    private static readonly Gen<byte[]> Addresses = Fuzzing.Mutations(
        Octets(
            "\"Bea B\" <bea@example.net>, Group: a@b.test, =?utf-8?q?J=C3=B6rg?= <j@c.test>;, ann", "undisclosed-recipients:;", "<@a.test,@b.test:ann@example.test> (c (d))", "ann @ example . test",
            "\"a\\\"b\"@example.test", "ann@[IPv6:2001:db8::1]", "用户@例子.测试"),
        Words);

    private static readonly Gen<byte[]> Texts = Fuzzing.Mutations(
        Octets(
            "=?utf-8?B?R3LDvMOfZQ==?= =?iso-8859-1?q?=E4_b?= Re: [list] fwd (fwd)", "Wed, 4 Mar 2026 10:00:00 +0200 (EET)", "<1@example.net> <c@d>\r\n <e@f>",
            "text/plain; charset=utf-8; name*0*=utf-8''%e2%82%ac; name*1=\".pdf\"", "attachment; filename=\"a\\\"b.pdf\"; size=3", "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?="),
        Words);

    [Fact]
    public void AddressesAreRead() => Fuzzing.Run(
        Addresses,
        static octets =>
        {
            var text = Encoding.UTF8.GetString(octets);
            Assert.True(AddressParser.Parse(Encoding.Latin1.GetString(octets)).Count <= AddressParser.MaxAddresses);
            AddressList.TryParse(octets);
            if (EmailAddress.TryParse(text) is not { } address)
                return;

            // What is written again is the same address.
            Assert.Equal(address, EmailAddress.TryParse(address.ToString()));
            Assert.DoesNotContain(address.ToString(), char.IsControl);
        },
        10_000);

    [Fact]
    public void TextsAreRead() => Fuzzing.Run(
        Texts,
        static octets =>
        {
            var value = Encoding.Latin1.GetString(octets);
            Assert.True(Encoding.UTF8.GetByteCount(Charsets.DecodeHeader(value)) < 100_000);
            MessageIds.Parse(value);
            ContentFields.DecodeExtended(value);
            FoldedText.SortKey(BaseSubject.Of(value), 255);
            var message = Encoding.Latin1.GetBytes($"Date: {value}\r\nContent-Type: {value}\r\nContent-Disposition: {value}\r\nMessage-ID: {value}\r\nSubject: {value}\r\n\r\nx");
            MessageFactsReader.Read(new MemoryStream(message), message.Length);
        },
        10_000);

    /// <summary>Whole or in pieces: the same octets; and what was encoded well comes back.</summary>
    [Theory]
    [InlineData("base64")]
    [InlineData("quoted-printable")]
    public void TransferEncodingsAreUndone(string encoding) => Fuzzing.Run(
        Gen.Select(
            Fuzzing.Mutations(Octets("R3LDvMOfZQ==\r\nQUJD\r\n", "Gr=C3=BC=C3=9Fe=20  \r\nsoft=\r\n break=3D\r\n"), "=", "=\r\n", "=C", " \r\n", "\n", "\r", "==", "\0", "\u00ff"),
            Gen.Int[1, 9]),
        input =>
        {
            var (octets, piece) = input;
            var (whole, pieces) = (new TransferDecoder(encoding).Decode(octets).ToArray(), new List<byte>());
            var decoder = new TransferDecoder(encoding);
            foreach (var part in octets.Chunk(piece))
                pieces.AddRange(decoder.Decode(part));
            Assert.Equal(whole, pieces);
        },
        5_000);

    [Fact]
    public void Base64ComesBack() => Fuzzing.Run(
        Gen.Byte.Array[0, 300],
        static octets => Assert.Equal(
            octets, new TransferDecoder("base64").Decode(Encoding.ASCII.GetBytes(Convert.ToBase64String(octets, Base64FormattingOptions.InsertLineBreaks))).ToArray()),
        1_000);

    private static byte[][] Octets(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];
}
