using System.Globalization;
using System.Text;
using CsCheck;
using MimeKit;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Tests.Mime;

public sealed class MessageSectionsTests
{
    private const string Message = """
        From: ann@example.test
        Subject: outer
         folded
        Content-Type: multipart/mixed; boundary=b

        preamble
        --b

        first
        --b
        Content-Type: message/rfc822

        Subject: inner
        Content-Type: multipart/alternative; boundary=c

        --c
        Content-Type: text/plain

        plain
        --c
        Content-Type: text/html
        Content-Transfer-Encoding: quoted-printable

        =3Cp=
        >
        --c--
        --b
        Content-Type: message/rfc822

        Subject: simple

        text
        --b
        Content-Transfer-Encoding: x-strange

        ?
        --b--

        """;

    private static readonly MessageBody Body = new MemoryBody(Encoding.Latin1.GetBytes(Message.ReplaceLineEndings("\r\n")));

    private static async Task<string?> Read(string section)
    {
        var pieces = section.Split(' ');
        var text = pieces[0] switch
        {
            "HEADER" => SectionText.Header,
            "TEXT" => SectionText.Text,
            "MIME" => SectionText.Mime,
            "FIELDS" => SectionText.HeaderFields,
            "NOT" => SectionText.HeaderFieldsNot,
            _ => SectionText.All,
        };
        var part = pieces.Length > 1 && pieces[1].Length > 0 ? MimePartTree.ParseNumber(pieces[1])! : [];
        var read = await MessageSections.ReadAsync(Body, new Section(part, text, pieces.Length > 2 ? pieces[2].Split(',') : []), null, default);
        if (read is null)
            return null;
        using var reader = new StreamReader(read.AsStream(), Encoding.Latin1);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("ALL 1", "first")]
    [InlineData("MIME 1", "\r\n")]
    [InlineData("MIME 2", "Content-Type: message/rfc822\r\n\r\n")]
    [InlineData("HEADER 2", "Subject: inner\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n")]
    [InlineData("ALL 2.1", "plain")]
    [InlineData("MIME 2.1", "Content-Type: text/plain\r\n\r\n")]
    [InlineData("ALL 2.2", "=3Cp=\r\n>")]
    [InlineData("TEXT 3", "text")]
    [InlineData("ALL 3.1", "text")]
    [InlineData("MIME 3.1", "Subject: simple\r\n\r\n")]
    [InlineData("FIELDS 3 subject", "Subject: simple\r\n\r\n")]
    [InlineData("FIELDS  SUBJECT,x-none", "Subject: outer\r\n folded\r\n\r\n")]
    [InlineData("NOT  subject,content-type", "From: ann@example.test\r\n\r\n")]
    [InlineData("FIELDS  x-none", "\r\n")]
    [InlineData("HEADER 1", null)]
    [InlineData("ALL 1.1", null)]
    [InlineData("ALL 3.2", null)]
    [InlineData("ALL 5", null)]
    public async Task Sections(string section, string? expected) => Assert.Equal(expected, await Read(section));

    [Fact]
    public async Task Header_and_text_make_the_whole()
    {
        Assert.Equal(Message.ReplaceLineEndings("\r\n"), await Read("HEADER") + await Read("TEXT"));
        Assert.Equal(Message.ReplaceLineEndings("\r\n"), await Read("ALL"));
    }

    [Fact]
    public async Task Binary_undoes_the_encoding_and_says_when_it_can_t()
    {
        var decoded = await MessageSections.ReadBinaryAsync(Body, [2, 2], null, default);
        Assert.True(decoded.Body!.TryGetMemory(out var octets));
        Assert.Equal("<p>", Encoding.ASCII.GetString(octets.Span));
        Assert.True((await MessageSections.ReadBinaryAsync(Body, [4], null, default)).HasUnknownEncoding);
        Assert.Null((await MessageSections.ReadBinaryAsync(Body, [9], null, default)).Body);
    }

    [Theory]
    [InlineData("a \t\r\nb=3D \r\n", "a\r\nb=\r\n")]
    [InlineData("soft= \t \r\n break", "soft break")]
    [InlineData("last  ", "last")]
    [InlineData("a b\tc", "a b\tc")]
    [InlineData("bare \nkept=20\r\n", "bare\nkept \r\n")]
    [InlineData("mid \rcr", "mid \rcr")]
    public async Task Quoted_printable_loses_white_space_at_line_ends(string encoded, string decoded)
    {
        var message = Encoding.ASCII.GetBytes("Content-Transfer-Encoding: quoted-printable\r\n\r\n" + encoded);
        for (var page = 1; page <= message.Length; page++)
        {
            var body = (await MessageSections.ReadBinaryAsync(new PagedBody(message, page), [1], null, default)).Body!;
            var octets = new byte[100];
            var n = 0;
            while (await body.ReadAsync(n, octets.AsMemory(n), default) is var read and > 0)
                n += read;
            Assert.Equal(decoded, Encoding.ASCII.GetString(octets, 0, n));
            Assert.Equal(n, body.Length);
        }
    }

    [Fact]
    public async Task A_large_part_is_decoded_in_pieces_from_any_offset()
    {
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        var message = "Content-Transfer-Encoding: base64\r\n\r\n" + Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks);
        var body = new PagedBody(Encoding.ASCII.GetBytes(message));
        var decoded = (await MessageSections.ReadBinaryAsync(body, [1], null, default)).Body!;
        Assert.Equal(content.Length, decoded.Length);
        var buffer = new byte[1_000];
        foreach (var offset in new[] { 0, 299_990, 100_000, 100_500, 5 })
        {
            var n = await decoded.ReadAsync(offset, buffer, default);
            Assert.InRange(n, 1, 1_000);
            Assert.Equal(content.AsSpan(offset, n), buffer.AsSpan(0, n));
        }

        Assert.Equal(0, await decoded.ReadAsync(content.Length, buffer, default));
    }

    [Fact]
    public void Every_part_is_found_by_its_number()
    {
        var root = MimeScanner.Scan(Body.AsStream());
        var tree = new MimePartTree(root);
        foreach (var part in root.All().Skip(1).Where(p => !(p.IsMessage && p.Kind == MimePartKind.Multipart)))
            Assert.Same(part, tree.Find(MimePartTree.ParseNumber(MimePartTree.NumberOf(part))!));
    }

    private static readonly string[] Ends = ["\r\n", "\n", "\r\n", "\r", ""];

    private static readonly string[] Lines =
    [
        "--b", "--b--", "--c", "--c--", "--", "", "\t", "x", "From: a@b, \"c", "Subject: =?utf-8?b?/w==?=", "To: g:;,<@a:b", "Content-Type: multipart/mixed; boundary=b",
        "Content-Type: multipart/digest; boundary=\"c\"", "Content-Type: message/rfc822", "Content-Type: text/html; charset=x", "Content-Type: text/plain; name*0*=%",
        "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: quoted-printable", "AAA=AAA", "=3D=", "<p><style>", "\0\u00ff\u00fe", ":", " : ", "nocolon",
        "Date: Mon, 99 Foo 20:20", "Content-Disposition: attachment; filename*=x''%ff%", "References: <a> <b> <<", "\r", "-",
    ];

    /// <summary>Whatever the octets are, nothing throws and every part lies within its parent, in order.</summary>
    [Fact]
    public void Any_octets_give_a_sound_tree()
    {
        var line = Gen.Int[0, Lines.Length - 1].Select(i => Lines[i]);
        Gen.Select(line, Gen.Int[0, Ends.Length - 1], (text, end) => text + Ends[end]).Array[0, 60].Sample(
            lines =>
            {
                var octets = Encoding.Latin1.GetBytes(string.Concat(lines));
                var facts = MessageFactsReader.Read(new MemoryStream(octets), octets.Length);
                Assert.False(facts.Envelope.IsEmpty || facts.Structure.IsEmpty);
                Assert.DoesNotContain((byte)0, facts.Structure.ToArray());
                Sound(MimeScanner.Scan(new MemoryStream(octets)), octets.Length);
            },
            iter: 3_000);
    }

    private static void Sound(Webmail.MailCore.Mime.MimePart root, long length)
    {
        Assert.Equal(length, root.End);
        foreach (var part in root.All())
        {
            Assert.True(part.Start <= part.BodyStart && part.BodyStart <= part.End && part.BodyLines >= 0);
            var from = part.BodyStart;
            foreach (var child in part.Children)
            {
                Assert.InRange(child.Start, from, part.End);
                Assert.InRange(child.End, child.Start, part.End);
                from = child.End;
            }
        }
    }

    /// <summary>MimeKit's tree is the second opinion on well-formed messages.</summary>
    [Fact]
    public void Well_formed_messages_have_the_parts_that_MimeKit_put_there() =>
        Gen.Int[0, 1_000_000].Sample(
            seed =>
            {
                var random = new Random(seed);
                var message = new MimeMessage { Subject = "s", Body = Entity(random, 3) };
                using var raw = new MemoryStream();
                message.WriteTo(new FormatOptions { NewLineFormat = NewLineFormat.Dos }, raw, default(CancellationToken));
                raw.Position = 0;
                var mine = MimeScanner.Scan(raw).All().Count(p => p.Kind == MimePartKind.Leaf);
                raw.Position = 0;
                Assert.Equal(MimeMessage.Load(raw).BodyParts.Sum(Leaves), mine);
            },
            iter: 200);

    private static int Leaves(MimeEntity entity) => entity is MessagePart attached ? attached.Message!.BodyParts.Sum(Leaves) : 1;

    private static MimeEntity Entity(Random random, int depth)
    {
        switch (depth == 0 ? 0 : random.Next(4))
        {
            case 1:
                var multipart = new Multipart(random.Next(2) == 0 ? "mixed" : "alternative");
                for (var n = random.Next(1, 4); n > 0; n--)
                    multipart.Add(Entity(random, depth - 1));
                return multipart;
            case 2:
                return new MessagePart("rfc822", new MimeMessage { Subject = "in", Body = Entity(random, depth - 1) });
            default:
                return new TextPart(random.Next(2) == 0 ? "plain" : "html") { Text = string.Concat(Enumerable.Repeat("--line\r\n", random.Next(5))) };
        }
    }

    /// <summary>As a large body: never in memory, and read in short pieces.</summary>
    internal sealed class PagedBody(byte[] octets, int page = 777) : MessageBody
    {
        public override long Length => octets.Length;

        public override bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
        {
            bytes = default;
            return false;
        }

        public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken ct)
        {
            var n = (int)Math.Min(Math.Min(buffer.Length, page), Math.Max(octets.Length - offset, 0));
            octets.AsMemory((int)Math.Min(offset, octets.Length), n).CopyTo(buffer);
            return new(n);
        }
    }
}
