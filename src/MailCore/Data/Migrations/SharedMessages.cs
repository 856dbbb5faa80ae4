using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>STORE, COPY, MOVE and EXPUNGE in mailboxes of another account, and between accounts.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124160100_SharedMessages")]
internal sealed class SharedMessages : SqlMigration;
